//! How long to wait before the next attempt: exponential backoff with full jitter.
//!
//! Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter") draws from the whole range
//! below the ceiling, so that the clients of a server that went away do not come back as one wave.

use super::Millis;

/// The ceiling of the first wait, in milliseconds. Ours: a blip costs an eighth of a second on average.
pub const BASE: Millis = 250;

/// The ceiling of every later wait, in milliseconds. Ours: a person who waits for a server to return
/// sees it within a quarter of a minute.
pub const CEILING: Millis = 15_000;

/// How long a socket must have been open, in milliseconds, before its end counts as the first failure
/// again. A server that accepts and drops at once must not be dialled in a tight loop.
pub const STABLE: Millis = 10_000;

/// The wait after this many failures in a row, where `random` is drawn evenly from all `u32`. At least
/// a millisecond, so that waiting is never busy.
#[must_use]
pub fn delay(failures: u32, random: u32) -> Millis {
    let doublings = failures.min(16); // far beyond the ceiling, and no overflow
    let ceiling = (BASE << doublings).min(CEILING);
    1 + ((u64::from(random) * ceiling) >> 32)
}

/// The failures in a row, and the numbers to draw from.
#[derive(Debug)]
pub(super) struct Backoff {
    failures: u32,
    random: Xorshift,
}

impl Backoff {
    pub(super) const fn new(seed: u32) -> Self {
        Self {
            failures: 0,
            // Spread, because small seeds begin with small numbers; odd, because zero stays zero.
            random: Xorshift(seed.wrapping_mul(0x9E37_79B1) | 1),
        }
    }

    pub(super) fn reset(&mut self) {
        self.failures = 0;
    }

    /// The wait after one more failure.
    pub(super) fn fail(&mut self) -> Millis {
        let wait = delay(self.failures, self.random.draw());
        self.failures += 1; // for a thousand years
        wait
    }
}

/// Marsaglia's xorshift32: three lines, and random enough to keep clients apart.
#[derive(Debug)]
struct Xorshift(u32);

impl Xorshift {
    fn draw(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{BASE, Backoff, CEILING, delay};

    #[test]
    fn a_wait_is_anything_up_to_a_ceiling_that_doubles() {
        assert_eq!(delay(0, 0), 1);
        assert_eq!(delay(0, u32::MAX), BASE);
        assert_eq!(delay(1, u32::MAX), 2 * BASE);
        assert_eq!(delay(3, 1 << 31), 4 * BASE + 1);
        assert_eq!(delay(6, u32::MAX), CEILING);
        assert_eq!(delay(u32::MAX, u32::MAX), CEILING);
    }

    #[test]
    fn two_clients_do_not_come_back_together() {
        let (mut one, mut other) = (Backoff::new(2), Backoff::new(4));
        let waits = |backoff: &mut Backoff| (0..8).map(|_| backoff.fail()).collect::<Vec<_>>();
        assert_ne!(waits(&mut one), waits(&mut other));
    }
}
