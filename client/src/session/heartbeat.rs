//! Whether the peer is still there.
//!
//! TCP tells nobody that a cable was pulled, and browsers hide the protocol's own pings, so silence is
//! answered with a ping frame, and silence after that with a new socket.

use gatewire_core::CloseCode;

use super::{Millis, Output, Session, Socket, timers::Timer};

/// How long to wait for any frame after a ping, in milliseconds. Ours: several round trips over a bad
/// mobile network.
pub const PATIENCE: Millis = 10_000;

/// How long to wait after a ping that was written because the page slept or the network changed, in
/// milliseconds. Ours: somebody has just come back to the page and looks at it.
pub const PROBE: Millis = 3_000;

/// The shortest silence worth a ping, in milliseconds, whatever a server asks for.
pub const SHORTEST: Millis = 1_000;

/// In the plain protocol, where nobody can be asked, how recent a frame makes a socket trustworthy
/// after the page slept, in milliseconds. Ours: a page that people switch to and fro keeps its socket.
pub const FRESH: Millis = 60_000;

/// A timer that rings so much too late, in milliseconds, was held up, and frames may have been, too.
const LATE: Millis = 2_000;

impl Session {
    /// A frame came on the line.
    #[inline(never)]
    pub(super) fn heard(&mut self) {
        if self.line.is_alive() {
            self.line.unanswered = 0;
            self.ring_in(Timer::Silence, self.line.interval);
        }
    }

    /// The line was silent for too long. A late timer asks rather than give up, but not for ever:
    /// where all timers are slow, as in a page that nobody sees, a dead socket would live on.
    pub(super) fn silence(&mut self) {
        let late = self.now - self.timers.at(Timer::Silence) > LATE;
        if self.line.unanswered > u8::from(late) {
            let code = CloseCode::SILENT;
            self.say(Output::CloseSocket { socket: Socket::Line, code });
            self.lose(code);
        } else {
            self.ask(if late { PROBE } else { PATIENCE });
        }
    }

    /// Silence is suspicious for another reason than its length.
    pub(super) fn doubt(&mut self) {
        if !self.line.is_alive() {
            return;
        }
        let until = self.timers.at(Timer::Silence);
        if self.line.unanswered > 0 {
            self.timers.set(Timer::Silence, until.min(self.now + PROBE));
        } else if !self.options.is_plain() || self.now + self.line.interval >= until + FRESH {
            self.ask(PROBE);
        }
    }

    /// Asks whether the peer is there. A plain one does not answer, so its socket is replaced.
    fn ask(&mut self, patience: Millis) {
        if self.options.is_plain() {
            self.heard();
            self.leave();
        } else {
            self.line.unanswered += 1;
            self.ring_in(Timer::Silence, patience);
            self.pings += 1;
            self.say(Output::WritePing { number: self.pings });
        }
    }
}
