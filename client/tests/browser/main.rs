//! The stories that every driver of a session passes, in real browsers.
//!
//! ```text
//! cargo xtask npm
//! wasm-pack test --headless --chrome --firefox client --features web --test browser
//! ```
//!
//! `stories/` tells them once, `drivers/` says who can play them, `peer.js` is the server. What only
//! the Rust API has, its handles, is told in `handles.rs`. `../native` tells the stories on tokio.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "what is not as a story says ends the story")]

mod drivers;
mod handles;
mod peer;
mod stage;
#[macro_use]
mod stories;

use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

/// Tells each story twice, under the name of the driver.
macro_rules! tell {
    ($($story:ident,)+) => {
        mod rust_api {
            $(
                #[wasm_bindgen_test::wasm_bindgen_test]
                async fn $story() {
                    crate::stories::$story::<crate::drivers::RustApi>().await;
                }
            )+
        }

        mod npm_package {
            $(
                #[wasm_bindgen_test::wasm_bindgen_test]
                async fn $story() {
                    crate::stories::$story::<crate::drivers::NpmPackage>().await;
                }
            )+
        }
    };
}

each_story!(tell);

mod page {
    //! The stories of a page's life.
    each_story_of_a_page!(tell);
}
