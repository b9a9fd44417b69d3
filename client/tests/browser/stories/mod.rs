//! What an application sees of a session, whoever drives it.

mod connection;
mod delivery;
#[cfg(target_arch = "wasm32")]
mod page;
mod plain;
mod resume;
mod token;

#[cfg(target_arch = "wasm32")]
pub(crate) use self::page::*;
pub(crate) use self::{connection::*, delivery::*, plain::*, resume::*, token::*};

/// Tells the names of all stories to a macro, which makes tests of them.
macro_rules! each_story {
    ($tell:ident) => {
        $tell! {
            // Connection.
            connecting_offers_the_protocol_and_the_token_and_says_hello_first,
            the_session_is_open_when_the_server_says_welcome,
            a_send_is_answered,
            two_sends_are_answered_out_of_order,
            an_error_rejects_with_its_code,
            no_answer_in_time_is_a_timeout,
            a_message_over_the_limit_is_rejected_and_never_sent,
            a_send_while_offline_waits_for_the_welcome,
            an_event_reaches_its_listeners_until_they_stop,
            a_listener_may_send_and_close,
            a_lost_socket_is_reopened_and_what_had_no_answer_goes_out_again,
            a_terminal_close_ends_the_session,
            close_says_so_rejects_what_waits_and_stays_closed,
            a_server_with_another_contract_is_told_of_once_per_change,
            a_refused_contract_ends_the_session_with_an_error_that_says_so,
            garbage_is_reported_and_does_no_harm,
            an_error_about_nothing_is_reported,
            a_ping_is_answered,
            a_url_that_is_none_ends_the_session,
            // Delivery.
            accepted_is_told_and_the_reply_follows,
            without_a_queue_there_is_no_receipt,
            what_was_cancelled_never_leaves,
            what_waits_for_too_long_never_leaves,
            what_was_sent_in_time_may_be_answered_later,
            one_send_too_many_takes_the_place_of_the_oldest,
            one_send_too_many_is_rejected,
            of_sends_with_one_key_the_last_that_waits_is_sent,
            a_congested_socket_is_written_to_when_it_has_room,
            // From socket to socket.
            a_server_that_says_goaway_is_left_when_the_next_socket_is_open,
            an_answer_on_the_older_socket_counts,
            a_session_that_a_newer_client_has_is_over,
            a_socket_that_the_next_one_has_taken_over_is_no_end,
            events_go_on_where_they_stopped,
            events_that_are_lost_are_told,
            a_session_with_a_name_goes_on_after_a_reload,
            // Tokens.
            a_token_that_cannot_be_fetched_is_reported_and_fetched_again,
            a_token_that_no_subprotocol_can_carry_ends_the_session,
            a_refused_token_is_told_and_rejects_what_waits,
            a_token_that_ends_is_replaced_on_the_same_socket,
            // The plain protocol.
            a_plain_session_is_open_with_its_socket_and_its_frames_are_flat,
            a_plain_server_posts_what_it_likes,
            a_plain_message_over_32_kib_is_rejected,
        }
    };
}

/// The same of those that only a browser can tell.
#[cfg(target_arch = "wasm32")]
macro_rules! each_story_of_a_page {
    ($tell:ident) => {
        $tell! {
            a_congested_socket_gets_no_more_until_it_has_room,
            coming_online_asks_whether_the_socket_lives,
            going_offline_asks_whether_the_socket_lives,
            coming_back_does_not_wait_for_the_next_attempt,
            a_page_that_is_frozen_leaves_its_socket_and_comes_back,
            a_page_that_goes_says_goodbye,
            a_page_that_goes_says_what_a_session_with_a_name_has_seen,
        }
    };
}
