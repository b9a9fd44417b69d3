//! One walk over a text and a shape together.

use std::borrow::Cow;

use super::{
    fault::{Fault, Step, Words},
    form::{Bounds, Class, Shape, Text},
    text::{
        after_scalar, after_space, after_string, after_value, byte, decoded, is_base64, is_integer,
        slice,
    },
};

/// How many shapes may be in each other: enough for 128 values in each other, where `serde_json`
/// stops, of which most are optional or of an enum.
const DEPTH: usize = 256;

/// So many variants of enums may be tried, or four for each byte of the text if that is more.
const ATTEMPTS: usize = 4096;

const NO_VARIANT: Words = Words::Says("not one of the variants");

/// Where the value ends.
type Result = std::result::Result<usize, Fault>;

/// A member of an object: its name, and where its value begins.
struct Member<'a> {
    name: Cow<'a, str>,
    value: usize,
}

pub(super) struct Walk<'a> {
    /// The shapes that others refer to.
    shapes: &'a [Shape],
    text: &'a str,
    /// How many more variants may be tried, and how many more bytes may be read, again and again,
    /// for them. Without, a text could make an enum of enums cost exponentially. The browser counts
    /// the same variants and no bytes.
    attempts: usize,
    bytes: usize,
    /// Whether one of them ran out. It is the fault, whatever else was found.
    pub(super) exhausted: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(shapes: &'a [Shape], text: &'a str) -> Self {
        let attempts = ATTEMPTS.max(text.len().saturating_mul(4));
        let bytes = text.len().saturating_mul(256).saturating_add(1 << 16);
        Self { shapes, text, attempts, bytes, exhausted: false }
    }

    /// Checks the value that begins at this place of the text.
    pub(super) fn value(&mut self, shape: &'a Shape, at: usize, level: usize) -> Result {
        if level == DEPTH {
            return fail(Words::Says("nested too deeply"));
        }
        self.read(1);
        let shape = match shape {
            Shape::Reference(number) => self.shapes.get(*number).unwrap_or(shape),
            shape => shape,
        };
        match shape {
            Shape::Reference(_) => unreachable!("the compiler writes what it refers to"),
            Shape::Nullable(_) if byte(self.text, at) == b'n' => Ok(after_scalar(self.text, at)),
            Shape::Nullable(inner) => self.value(inner, at, level + 1),
            Shape::AnyOf(variants) => self.any_of(variants, at, level),
            Shape::Any => Ok(after_value(self.text, at)),
            Shape::Null => self.word(at, "null"),
            Shape::Boolean => self.word(at, "boolean"),
            Shape::Number(bounds) => self.number(bounds, "number", at),
            Shape::Integer(bounds) => self.number(bounds, "integer", at),
            Shape::Int64(bounds) => self.int64(bounds, at),
            Shape::Text(text) => self.string(text, at),
            Shape::List { items, length } => {
                let (end, count) = self.items(|_| Some(&**items), at, level)?;
                within_bounds(&count, length, "fewer items", "more items")?;
                Ok(end)
            }
            Shape::Tuple(items) => {
                let (end, count) = self.items(|index| items.get(index), at, level)?;
                let length = Bounds { least: Some(items.len()), most: Some(items.len()) };
                within_bounds(&count, &length, "fewer items", "more items")?;
                Ok(end)
            }
            Shape::Object { fields, required, others } => {
                self.object(fields, *required, others.as_deref(), at, level)
            }
            Shape::Keyed(variants) => self.keyed(variants, at, level),
            Shape::Tagged { tag, variants } => self.tagged(tag, variants, at, level),
        }
    }

    fn word(&self, at: usize, kind: &'static str) -> Result {
        if kind_of(byte(self.text, at)) == kind {
            return Ok(after_scalar(self.text, at));
        }
        self.expected(kind, at)
    }

    fn number(&self, bounds: &Bounds<String>, kind: &'static str, at: usize) -> Result {
        let end = self.word(at, "number").or_else(|_| self.expected(kind, at))?;
        let digits = slice(self.text, at, end);
        if kind == "integer" && !is_integer(digits) {
            return self.expected(kind, at);
        }
        // As the browser reads them: as floats.
        let read = |digits: &str| digits.parse::<f64>().ok().filter(|number| number.is_finite());
        let Some(number) = read(digits) else { return self.expected(kind, at) };
        if let Some(least) = &bounds.least
            && read(least).is_some_and(|least| number < least)
        {
            return fail(Words::Than("less", least.clone()));
        }
        if let Some(most) = &bounds.most
            && read(most).is_some_and(|most| number > most)
        {
            return fail(Words::Than("more", most.clone()));
        }
        Ok(end)
    }

    fn int64(&mut self, bounds: &Bounds<i128>, at: usize) -> Result {
        if byte(self.text, at) != b'"' {
            return self.expected("int64", at);
        }
        let end = after_string(self.text, at);
        let digits = decoded(slice(self.text, at + 1, end - 1));
        let digits = digits.filter(|digits| digits.len() <= 21 && is_integer(digits));
        let Some(integer) = digits.and_then(|digits| digits.parse().ok()) else {
            return self.expected("int64", at);
        };
        within_bounds::<i128>(&integer, bounds, "less", "more")?;
        Ok(end)
    }

    fn string(&mut self, shape: &Text, at: usize) -> Result {
        if byte(self.text, at) != b'"' {
            return self.expected("string", at);
        }
        let end = after_string(self.text, at);
        self.read(end - at);
        let Some(string) = decoded(slice(self.text, at + 1, end - 1)) else {
            return fail(Words::Says("half of a surrogate pair"));
        };
        match shape {
            Text::Length(length) if *length == Bounds::NONE => {}
            Text::Length(length) => {
                within_bounds(&string.chars().count(), length, "shorter", "longer")?;
            }
            Text::OneOf(names) if !names.iter().any(|name| *name == string) => {
                return fail(NO_VARIANT);
            }
            Text::Form(classes) if !has_form(&string, classes) => return fail(WRONG_FORM),
            Text::Base64 if !is_base64(&string) => return fail(WRONG_FORM),
            Text::OneOf(_) | Text::Form(_) | Text::Base64 => {}
        }
        Ok(end)
    }

    /// Where the array ends, and how many items it has. Those without a shape are only counted.
    fn items(
        &mut self,
        shape_of: impl Fn(usize) -> Option<&'a Shape>,
        at: usize,
        level: usize,
    ) -> std::result::Result<(usize, usize), Fault> {
        let mut next = self.open(at, b'[', "array")?;
        let mut index = 0;
        while let Some(item) = self.next(next, index == 0, b']') {
            next = match shape_of(index) {
                Some(shape) => self
                    .value(shape, item, level + 1)
                    .map_err(|fault| fault.within(Step::Item(index)))?,
                None => self.skip(item),
            };
            index += 1;
        }
        Ok((self.close(next)?, index))
    }

    fn object(
        &mut self,
        fields: &'a [(String, Shape)],
        required: usize,
        others: Option<&'a Shape>,
        at: usize,
        level: usize,
    ) -> Result {
        let mut seen = 0_u64; // one bit for each field; the compiler sees to there being no more
        let end = self.members(at, level, |name| match position(fields, name) {
            Some(index) if seen & 1 << index != 0 => Err(Words::Says("given twice")),
            Some(index) => {
                seen |= 1 << index;
                Ok(&fields[index].1)
            }
            None => others.ok_or(Words::Says("unknown field")),
        })?;
        let missing = (0..required).find(|index| seen & 1 << index == 0);
        match missing.and_then(|index| fields.get(index)) {
            Some((name, _)) => fail(Words::Says("missing field"))
                .map_err(|it| it.within(Step::Member(name.clone()))),
            None => Ok(end),
        }
    }

    /// An enum with the variant as the one member.
    fn keyed(&mut self, variants: &'a [(String, Shape)], at: usize, level: usize) -> Result {
        let mut count = 0;
        let end = self.members(at, level, |name| {
            count += 1;
            let index = position(variants, name).ok_or(NO_VARIANT)?;
            Ok(&variants[index].1)
        })?;
        if count == 1 { Ok(end) } else { fail(NO_VARIANT) }
    }

    /// Checks each member against the shape that its name has.
    fn members(
        &mut self,
        at: usize,
        level: usize,
        mut shape_of: impl FnMut(&str) -> std::result::Result<&'a Shape, Words>,
    ) -> Result {
        let mut next = self.open(at, b'{', "object")?;
        let mut first = true;
        while let Some(place) = self.next(next, first, b'}') {
            first = false;
            let Member { name, value } = self.member(place)?;
            let end = match shape_of(&name) {
                Ok(Shape::Any) => Ok(self.skip(value)),
                Ok(shape) => self.value(shape, value, level + 1),
                Err(words) => fail(words),
            };
            next = end.map_err(|fault| fault.within(Step::Member(name.into_owned())))?;
        }
        self.close(next)
    }

    /// An object whose shape depends on one of its members.
    fn tagged(
        &mut self,
        tag: &str,
        variants: &'a [(String, Shape)],
        at: usize,
        level: usize,
    ) -> Result {
        let tagged = |fault: Fault| fault.within(Step::Member(tag.to_owned()));
        let mut next = self.open(at, b'{', "object")?;
        let mut first = true;
        while let Some(place) = self.next(next, first, b'}') {
            first = false;
            let Member { name, value } = self.member(place)?;
            next = self.skip(value);
            if name != tag {
                continue;
            }
            self.string(&Text::Length(Bounds::NONE), value).map_err(tagged)?;
            let variant = decoded(slice(self.text, value + 1, next - 1)).unwrap_or_default();
            return match position(variants, &variant) {
                Some(index) => self.value(&variants[index].1, at, level + 1),
                None => fail(NO_VARIANT).map_err(tagged),
            };
        }
        fail(Words::Says("missing field")).map_err(tagged)
    }

    /// Of the variants that do not fit, the one that was almost right explains best.
    fn any_of(&mut self, variants: &'a [Shape], at: usize, level: usize) -> Result {
        let mut deepest = Fault::new(NO_VARIANT);
        for variant in variants {
            match self.attempts.checked_sub(1) {
                Some(attempts) if !self.exhausted => self.attempts = attempts,
                _ => {
                    self.exhausted = true;
                    break;
                }
            }
            match self.value(variant, at, level + 1) {
                Ok(end) => return Ok(end),
                Err(fault) if fault.depth() > deepest.depth() => deepest = fault,
                Err(_) => {}
            }
        }
        Err(deepest)
    }

    /// Steps over the bracket that opens an array or an object.
    fn open(&self, at: usize, bracket: u8, kind: &'static str) -> Result {
        if byte(self.text, at) == bracket { Ok(at + 1) } else { self.expected(kind, at) }
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
    fn close(&self, at: usize) -> Result {
        let at = after_space(self.text, at);
        if at < self.text.len() { Ok(at + 1) } else { fail(NOT_JSON) }
    }

    fn member(&self, at: usize) -> std::result::Result<Member<'a>, Fault> {
        let end = after_string(self.text, at);
        let colon = after_space(self.text, end);
        if byte(self.text, at) != b'"' || byte(self.text, colon) != b':' {
            return fail(NOT_JSON);
        }
        let name = slice(self.text, at + 1, end - 1);
        let name = decoded(name).unwrap_or(Cow::Borrowed(name)); // half a pair: no field has it
        Ok(Member { name, value: after_space(self.text, colon + 1) })
    }

    /// Steps over a value that nothing is said about.
    fn skip(&mut self, at: usize) -> usize {
        let end = after_value(self.text, at);
        self.read(end - at);
        end
    }

    /// Counts what has been read.
    fn read(&mut self, bytes: usize) {
        match self.bytes.checked_sub(bytes) {
            Some(left) => self.bytes = left,
            None => self.exhausted = true,
        }
    }

    fn expected<T>(&self, kind: &'static str, at: usize) -> std::result::Result<T, Fault> {
        fail(Words::Expected(kind, kind_of(byte(self.text, at))))
    }
}

const WRONG_FORM: Words = Words::Says("of the wrong form");
const NOT_JSON: Words = Words::Says("not JSON");

#[cold]
fn fail<T>(words: Words) -> std::result::Result<T, Fault> {
    Err(Fault::new(words))
}

/// The kind of the value that begins with this byte.
fn kind_of(first: u8) -> &'static str {
    match first {
        b'"' => "string",
        b'{' => "object",
        b'[' => "array",
        b't' | b'f' => "boolean",
        b'n' => "null",
        b'-' | b'0'..=b'9' => "number",
        _ => "nothing",
    }
}

fn position(fields: &[(String, Shape)], name: &str) -> Option<usize> {
    fields.iter().position(|(field, _)| field == name)
}

fn within_bounds<T: PartialOrd + ToString>(
    size: &T,
    bounds: &Bounds<T>,
    under: &'static str,
    over: &'static str,
) -> std::result::Result<(), Fault> {
    match (&bounds.least, &bounds.most) {
        (Some(least), _) if size < least => fail(Words::Than(under, least.to_string())),
        (_, Some(most)) if size > most => fail(Words::Than(over, most.to_string())),
        _ => Ok(()),
    }
}

/// Whether the string has characters of these classes. The compiler only takes those in which taking
/// as many as there are is always right, so nothing is ever tried twice.
fn has_form(string: &str, classes: &[Class]) -> bool {
    let mut rest = string.chars().peekable();
    let all = classes.iter().all(|Class { ranges, least, most }| {
        let mut count = 0;
        let has = |character: &char| {
            ranges.iter().any(|(first, last)| (first..=last).contains(&character))
        };
        while most.is_none_or(|most| count < most) && rest.next_if(has).is_some() {
            count += 1;
        }
        count >= *least
    });
    all && rest.next().is_none()
}
