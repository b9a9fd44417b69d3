//! Parts of a template after its functions were worked out.

/// A part of the template that says what it says: no `Fn::` is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    /// Where it is in the template, from 1.
    pub(super) line: usize,
    pub(super) form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Text(Text),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
    /// Only a deployment knows it; why.
    Unknown(String),
}

/// A text, in which resources may be named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    /// `!Ref id` or `!GetAtt id.attribute`.
    Resource {
        id: String,
        attribute: Option<String>,
    },
}

impl Value {
    pub(super) fn text(&self) -> Option<&Text> {
        if let Form::Text(text) = &self.form { Some(text) } else { None }
    }

    /// A text in which no resource is named.
    pub(super) fn literal(&self) -> Option<String> {
        self.text()?.literal()
    }

    /// The first resource that a text names.
    pub(super) fn resource(&self) -> Option<&str> {
        self.text()?.resource()
    }

    /// The entries of a table. What is none is the one entry, so that it is listed as any other.
    pub(super) fn into_entries(self) -> Vec<(String, Value)> {
        if let Form::Map(entries) = self.form { entries } else { vec![("*".to_owned(), self)] }
    }

    pub(super) fn items(&self) -> &[Value] {
        if let Form::List(items) = &self.form { items } else { &[] }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        let Form::Map(entries) = &self.form else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether it is `true`, however it is written.
    pub(super) fn is_true(&self) -> bool {
        self.literal().is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }
}

impl Text {
    pub(super) fn of(text: impl Into<String>) -> Self {
        Self(vec![Part::Literal(text.into())])
    }

    pub(super) fn literal(&self) -> Option<String> {
        let parts = self.0.iter().map(|part| match part {
            Part::Literal(text) => Some(text.as_str()),
            Part::Resource { .. } => None,
        });
        parts.collect()
    }

    /// The first resource that is named, without what SAM derives from it (`Function.Alias`).
    pub(super) fn resource(&self) -> Option<&str> {
        self.0.iter().find_map(|part| match part {
            Part::Literal(_) => None,
            Part::Resource { id, .. } => Some(id.split('.').next().unwrap_or(id)),
        })
    }

    /// The literal text alone, for looking at its form.
    pub(super) fn outline(&self) -> String {
        let parts = self.0.iter().map(|part| match part {
            Part::Literal(text) => text.as_str(),
            Part::Resource { .. } => "",
        });
        parts.collect()
    }
}
