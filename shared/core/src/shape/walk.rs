//! One walk over a text and a shape together.

use core::cmp::Ordering;

use super::{
    fault::{Checker, DEPTH, Fault, Refused, Step, is_name},
    number, pattern,
    table::{after_name, after_shape, byte, name, target},
    text::{after_scalar, after_space, after_string, after_value, length},
};

/// Where the value ends.
type Result = core::result::Result<usize, Refused>;

/// A member of an object: where its name is, without quotes, and where its value begins.
struct Member {
    start: usize,
    end: usize,
    value: usize,
}

pub(super) struct Walk<'a> {
    table: &'a [u8],
    text: &'a [u8],
    checker: &'a mut Checker,
    /// How many shapes are being checked around this one.
    level: usize,
    /// How many more bytes may be read, again and again, for the variants of an enum. Without it, a
    /// text could make an enum of enums cost exponentially.
    fuel: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(table: &'a [u8], text: &'a [u8], checker: &'a mut Checker) -> Self {
        let fuel = text.len().saturating_mul(64).saturating_add(4096);
        Self { table, text, checker, level: 0, fuel }
    }

    /// Checks the value that begins at this place of the text.
    pub(super) fn value(&mut self, shape: usize, at: usize) -> Result {
        if self.level == DEPTH {
            return self.fail(at, Fault::Says("nested too deeply"));
        }
        self.level += 1;
        let end = self.nullable(shape, at);
        self.level -= 1;
        end
    }

    fn nullable(&mut self, mut shape: usize, at: usize) -> Result {
        loop {
            self.burn(at, 1)?;
            match byte(self.table, shape) {
                b'?' if byte(self.text, at) == b'n' => return Ok(after_scalar(self.text, at)),
                b'?' => shape += 1,
                b'@' => shape = target(self.table, shape),
                kind => return self.kind(kind, shape + 1, at),
            }
        }
    }

    /// The shape without its first byte, which says the kind.
    fn kind(&mut self, kind: u8, shape: usize, at: usize) -> Result {
        match kind {
            b'*' => Ok(after_value(self.text, at)),
            b'n' => self.word(at, b'n', b'n', "null"),
            b'b' => self.word(at, b't', b'f', "boolean"),
            b's' | b'l' | b'p' | b'I' | b'U' | b'6' | b'e' => self.string(kind, shape, at),
            b'd' | b'i' | b'r' => self.number(kind, shape, at),
            b'[' => self.items(shape, None, at),
            b'L' => {
                let most = after_name(self.table, shape);
                self.items(after_name(self.table, most), Some((shape, most)), at)
            }
            b'(' => self.tuple(shape, at),
            b'm' | b'o' | b'O' | b'x' => self.members(kind, shape, at),
            b't' => self.tagged(shape, at),
            b'|' => self.any_of(shape, at),
            _ => self.fail(at, Fault::Says("the table is damaged")),
        }
    }

    fn word(&mut self, at: usize, one: u8, other: u8, kind: &'static str) -> Result {
        let first = byte(self.text, at);
        if first == one || first == other {
            return Ok(after_scalar(self.text, at));
        }
        self.fail(at, Fault::Expected(kind))
    }

    fn string(&mut self, kind: u8, shape: usize, at: usize) -> Result {
        if byte(self.text, at) != b'"' {
            return self.fail(at, Fault::Expected("string"));
        }
        let end = after_string(self.text, at);
        self.burn(at, end - at)?;
        let string = self.slice(at + 1, end - 1);
        let fault = match (kind, length(string, 0, string.len())) {
            (_, None) => Some(Fault::Says("half of a surrogate pair")),
            (b'l', Some(length)) => self.beyond(shape, length, "shorter than ", "longer than "),
            (b'e', _) if !self.is_listed(shape, string) => {
                Some(Fault::Says("not one of the variants"))
            }
            (b'p', _) if !pattern::matches(self.table, shape, string) => {
                Some(Fault::Says("not of the right form"))
            }
            (b'6', _) if !number::is_base64(string) => Some(Fault::Says("not base64")),
            (b'I' | b'U', _) if !number::is_decimal(string, kind == b'I') => {
                Some(Fault::Says("not an integer of 64 bits"))
            }
            _ => None,
        };
        match fault {
            Some(fault) => self.fail(at, fault),
            None => Ok(end),
        }
    }

    fn is_listed(&self, mut shape: usize, string: &[u8]) -> bool {
        while byte(self.table, shape) == b',' {
            if is_name(self.table, shape + 1, string) {
                return true;
            }
            shape = after_name(self.table, shape);
        }
        false
    }

    fn number(&mut self, kind: u8, shape: usize, at: usize) -> Result {
        let expected = Fault::Expected(if kind == b'i' { "integer" } else { "number" });
        if !matches!(byte(self.text, at), b'-' | b'0'..=b'9') {
            return self.fail(at, expected);
        }
        let end = after_scalar(self.text, at);
        let digits = self.slice(at, end);
        if kind == b'd' {
            return Ok(end);
        }
        if kind == b'i' && !number::is_integer(digits) {
            return self.fail(at, expected);
        }
        let most = after_name(self.table, shape);
        let (least_text, most_text) = (name(self.table, shape), name(self.table, most));
        if !least_text.is_empty() && number::compare(digits, least_text) == Ordering::Less {
            return self.fail(at, Fault::Beyond("less than ", shape));
        }
        if !most_text.is_empty() && number::compare(digits, most_text) == Ordering::Greater {
            return self.fail(at, Fault::Beyond("more than ", most));
        }
        Ok(end)
    }

    /// Whether a length is outside of the two bounds.
    fn beyond(
        &self,
        least: usize,
        length: usize,
        short: &'static str,
        long: &'static str,
    ) -> Option<Fault> {
        let most = after_name(self.table, least);
        if length < number::small(name(self.table, least)).unwrap_or(0) {
            return Some(Fault::Beyond(short, least));
        }
        let over = number::small(name(self.table, most)).is_some_and(|most| length > most);
        over.then_some(Fault::Beyond(long, most))
    }

    fn items(&mut self, shape: usize, bounds: Option<(usize, usize)>, at: usize) -> Result {
        let mut next = self.open(at, b'[', "array")?;
        let mut index = 0;
        while let Some(item) = self.next(next, index == 0, b']') {
            next = self.step(Step::Item(index), shape, item)?;
            index += 1;
        }
        if let Some((least, _)) = bounds
            && let Some(fault) = self.beyond(least, index, "fewer items than ", "more items than ")
        {
            return self.fail(next, fault);
        }
        self.close(next)
    }

    fn tuple(&mut self, mut shape: usize, at: usize) -> Result {
        let mut next = self.open(at, b'[', "array")?;
        let mut index = 0;
        while let Some(item) = self.next(next, index == 0, b']') {
            if matches!(byte(self.table, shape), b')' | 0) {
                return self.fail(item, Fault::Says("too many items"));
            }
            next = self.step(Step::Item(index), shape, item)?;
            shape = after_shape(self.table, shape);
            index += 1;
        }
        if byte(self.table, shape) != b')' {
            return self.fail(next, Fault::Says("too few items"));
        }
        self.close(next)
    }

    /// A map, an object with fields, or an enum with the variant as its one member.
    fn members(&mut self, kind: u8, shape: usize, at: usize) -> Result {
        let mut next = self.open(at, b'{', "object")?;
        let (mut seen, mut count) = (0_u64, 0);
        while let Some(place) = self.next(next, count == 0, b'}') {
            let member = self.member(place)?;
            count += 1;
            let found = match kind {
                b'm' => Some((shape, 0)),
                _ => self.field(shape, self.slice(member.start, member.end)),
            };
            let step = Step::Member { start: member.start, end: member.end };
            next = match found {
                Some((field, bit)) if kind == b'm' || seen & bit == 0 => {
                    seen |= bit;
                    self.step(step, field, member.value)?
                }
                None if kind == b'o' => {
                    let end = after_value(self.text, member.value);
                    self.burn(place, end - place)?;
                    end
                }
                Some(_) => return self.fail_in(step, place, Fault::Says("given twice")),
                None if kind == b'O' => {
                    return self.fail_in(step, place, Fault::Says("unknown field"));
                }
                None => return self.fail_in(step, place, Fault::Says("not one of the variants")),
            };
        }
        if kind == b'x' && count != 1 {
            return self.fail(next, Fault::Says("not one variant"));
        }
        if kind != b'm'
            && kind != b'x'
            && let Some(missing) = self.missing(shape, seen)
        {
            return self.fail(next, Fault::Missing(missing));
        }
        self.close(next)
    }

    /// The shape of a field and its bit.
    fn field(&self, mut shape: usize, string: &[u8]) -> Option<(usize, u64)> {
        let mut bit = 1_u64;
        while matches!(byte(self.table, shape), b'!' | b'-' | b',') {
            let inner = after_name(self.table, shape);
            if is_name(self.table, shape + 1, string) {
                return Some((inner, bit));
            }
            shape = after_shape(self.table, inner);
            bit = bit.rotate_left(1);
        }
        None
    }

    /// The name of the first field that has to be there and is not.
    fn missing(&self, mut shape: usize, seen: u64) -> Option<usize> {
        let mut bit = 1_u64;
        loop {
            match byte(self.table, shape) {
                b'!' if seen & bit == 0 => return Some(shape + 1),
                b'!' | b'-' => {}
                _ => return None,
            }
            shape = after_shape(self.table, after_name(self.table, shape));
            bit = bit.rotate_left(1);
        }
    }

    /// An object whose shape depends on one of its members.
    fn tagged(&mut self, shape: usize, at: usize) -> Result {
        let mut next = self.open(at, b'{', "object")?;
        let variants = after_name(self.table, shape);
        let mut first = true;
        while let Some(place) = self.next(next, first, b'}') {
            first = false;
            let member = self.member(place)?;
            next = after_value(self.text, member.value);
            self.burn(place, next - place)?;
            if !is_name(self.table, shape, self.slice(member.start, member.end)) {
                continue;
            }
            let step = Step::Member { start: member.start, end: member.end };
            if byte(self.text, member.value) != b'"' {
                return self.fail_in(step, member.value, Fault::Expected("string"));
            }
            let tag = self.slice(member.value + 1, next.saturating_sub(1));
            return match self.field(variants, tag) {
                Some((variant, _)) => self.value(variant, at),
                None => self.fail_in(step, member.value, Fault::Says("not one of the variants")),
            };
        }
        self.fail(next, Fault::Missing(shape))
    }

    fn any_of(&mut self, mut shape: usize, at: usize) -> Result {
        let depth = self.checker.depth();
        while byte(self.table, shape) == b',' {
            if let Ok(end) = self.value(shape + 1, at) {
                return Ok(end);
            }
            self.checker.leave(depth);
            shape = after_shape(self.table, shape + 1);
        }
        if self.checker.fails_at(at) {
            return self.fail(at, Fault::Says("not one of the variants"));
        }
        Err(Refused)
    }

    /// Steps over the bracket that opens an array or an object.
    fn open(&mut self, at: usize, bracket: u8, kind: &'static str) -> Result {
        if byte(self.text, at) == bracket {
            return Ok(at + 1);
        }
        self.fail(at, Fault::Expected(kind))
    }

    /// Where the next item or member begins. `None` at the bracket that closes.
    fn next(&self, at: usize, first: bool, closing: u8) -> Option<usize> {
        let at = after_space(self.text, at);
        match byte(self.text, at) {
            found if found == closing || found == 0 => None,
            b',' if !first => Some(after_space(self.text, at + 1)),
            _ => Some(at),
        }
    }

    /// Steps over the bracket that closes.
    fn close(&mut self, at: usize) -> Result {
        let at = after_space(self.text, at);
        if at < self.text.len() { Ok(at + 1) } else { self.fail(at, Fault::Says("not JSON")) }
    }

    fn member(&mut self, at: usize) -> core::result::Result<Member, Refused> {
        let end = after_string(self.text, at);
        let colon = after_space(self.text, end);
        if byte(self.text, at) != b'"' || byte(self.text, colon) != b':' {
            self.fail(at, Fault::Says("not JSON"))?;
        }
        Ok(Member { start: at + 1, end: end - 1, value: after_space(self.text, colon + 1) })
    }

    /// Checks a value within this one.
    fn step(&mut self, step: Step, shape: usize, at: usize) -> Result {
        let depth = self.checker.depth();
        self.checker.enter(step);
        let end = self.value(shape, at);
        self.checker.leave(depth);
        end
    }

    /// Counts what has been read.
    fn burn(&mut self, at: usize, bytes: usize) -> core::result::Result<(), Refused> {
        match self.fuel.checked_sub(bytes) {
            Some(fuel) => self.fuel = fuel,
            None => return self.fail(at, Fault::Says("too many variants to try")).map(drop),
        }
        Ok(())
    }

    fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    #[cold]
    fn fail(&mut self, at: usize, fault: Fault) -> Result {
        self.checker.fail(at, fault);
        Err(Refused)
    }

    #[cold]
    fn fail_in(&mut self, step: Step, at: usize, fault: Fault) -> Result {
        let depth = self.checker.depth();
        self.checker.enter(step);
        let refused = self.fail(at, fault);
        self.checker.leave(depth);
        refused
    }
}
