//! The stories that every driver of a session passes, in real browsers.
//!
//! ```text
//! cargo xtask npm
//! wasm-pack test --headless --chrome --firefox client --features web --test browser
//! ```
//!
//! `stories.rs` tells them once, `drivers.rs` says who can play them, `peer.js` is the server. What only
//! the Rust API has, its handles, is told in `handles.rs`.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "what is not as a story says ends the story")]

mod drivers;
mod handles;
mod peer;
mod stage;
mod stories;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// Tells each story twice, under the name of the driver.
macro_rules! tell {
    ($($story:ident,)+) => {
        mod rust_api {
            $(
                #[super::wasm_bindgen_test]
                async fn $story() {
                    crate::stories::$story::<crate::drivers::RustApi>().await;
                }
            )+
        }

        mod npm_package {
            $(
                #[super::wasm_bindgen_test]
                async fn $story() {
                    crate::stories::$story::<crate::drivers::NpmPackage>().await;
                }
            )+
        }
    };
}

tell! {
    connecting_offers_the_protocol_and_the_token_and_says_hello_first,
    the_session_is_open_when_the_server_says_welcome,
    a_send_is_answered,
    two_sends_are_answered_out_of_order,
    an_error_rejects_with_its_code,
    accepted_is_not_the_reply,
    no_answer_in_time_is_a_timeout,
    a_message_over_the_limit_is_rejected_and_never_sent,
    a_send_while_offline_waits_for_the_welcome,
    an_event_reaches_its_listeners_until_they_stop,
    a_listener_may_send_and_close,
    a_lost_socket_is_reopened_and_what_had_no_answer_goes_out_again,
    a_server_that_says_goaway_is_left_and_found_again,
    a_refused_token_rejects_what_waits,
    a_terminal_close_ends_the_session,
    close_says_so_rejects_what_waits_and_stays_closed,
    garbage_is_reported_and_does_no_harm,
    an_error_about_nothing_is_reported,
    a_ping_is_answered,
    a_token_that_cannot_be_fetched_is_reported_and_fetched_again,
    a_token_that_no_subprotocol_can_carry_ends_the_session,
    a_url_that_is_none_ends_the_session,
}
