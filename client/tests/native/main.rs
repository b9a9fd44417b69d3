//! The stories of `../browser` on tokio, against a server over TCP.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "what is not as a story says ends the story")]

#[path = "../browser/drivers/mod.rs"]
mod drivers;
#[path = "../browser/peer/mod.rs"]
mod peer;
#[path = "../browser/stage.rs"]
mod stage;
#[macro_use]
#[path = "../browser/stories/mod.rs"]
mod stories;

/// Tells each story twice, under the name of the runtime.
macro_rules! tell {
    ($($story:ident,)+) => {
        mod one_thread {
            $(
                #[tokio::test]
                async fn $story() {
                    crate::stories::$story::<crate::drivers::RustApi>().await;
                }
            )+
        }

        mod many_threads {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    crate::stories::$story::<crate::drivers::RustApi>().await;
                }
            )+
        }
    };
}

each_story!(tell);
