//! What `diff` calls safe is safe: whatever one side writes, the other reads, by the judgement of a
//! JSON Schema validator.

use std::collections::BTreeMap;

use gatewire::describe::{Change, Severity, diff};
use proptest::{collection::btree_map, prelude::*};
use serde_json::{Map, Value, json};

/// What a payload may be made of.
#[derive(Clone, Debug)]
enum Shape {
    Anything,
    Null,
    Flag,
    Whole {
        least: i64,
        most: i64,
    },
    Text {
        most: usize,
    },
    /// An enum of unit variants.
    Word(Vec<String>),
    List(Box<Shape>),
    Pair(Box<Shape>, Box<Shape>),
    Entries(Box<Shape>),
    Nullable(Box<Shape>),
    Record {
        fields: Fields,
        closed: bool,
    },
    /// An enum with a tag inside.
    Tagged(BTreeMap<String, Fields>),
}

type Fields = BTreeMap<String, Field>;

#[derive(Clone, Debug)]
struct Field {
    shape: Shape,
    required: bool,
}

impl Shape {
    fn schema(&self) -> Value {
        match self {
            Self::Anything => json!(true),
            Self::Null => json!({"type": "null"}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Whole { least, most } => {
                json!({"type": "integer", "minimum": least, "maximum": most})
            }
            Self::Text { most } => json!({"type": "string", "maxLength": most}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::List(item) => json!({"type": "array", "items": item.schema()}),
            Self::Pair(one, other) => json!({
                "type": "array", "prefixItems": [one.schema(), other.schema()],
                "minItems": 2, "maxItems": 2,
            }),
            Self::Entries(entry) => {
                json!({"type": "object", "additionalProperties": entry.schema()})
            }
            Self::Nullable(inner) => json!({"anyOf": [inner.schema(), {"type": "null"}]}),
            Self::Record { fields, closed } => {
                let mut schema = record(fields, None);
                if *closed {
                    schema["additionalProperties"] = false.into();
                }
                schema
            }
            Self::Tagged(variants) => {
                let variants = variants.iter().map(|(tag, fields)| record(fields, Some(tag)));
                json!({"oneOf": variants.collect::<Vec<_>>()})
            }
        }
    }

    /// The values that a program writes which was built from this shape.
    fn values(&self) -> BoxedStrategy<Value> {
        match self {
            Self::Anything => {
                prop_oneof![Just(json!(null)), Just(json!({"a": 1})), Just(json!("text"))].boxed()
            }
            Self::Null => Just(Value::Null).boxed(),
            Self::Flag => any::<bool>().prop_map(Value::from).boxed(),
            Self::Whole { least, most } => (*least..=*most).prop_map(Value::from).boxed(),
            Self::Text { most } => proptest::collection::vec("[a-c]", 0..=*most)
                .prop_map(|it| it.concat().into())
                .boxed(),
            Self::Word(words) => {
                proptest::sample::select(words.clone()).prop_map(Value::from).boxed()
            }
            Self::List(item) => {
                proptest::collection::vec(item.values(), 0..3).prop_map(Value::from).boxed()
            }
            Self::Pair(one, other) => {
                (one.values(), other.values()).prop_map(|(one, other)| json!([one, other])).boxed()
            }
            Self::Entries(entry) => btree_map(name(), entry.values(), 0..3)
                .prop_map(|entries| entries.into_iter().collect::<Map<_, _>>().into())
                .boxed(),
            Self::Nullable(inner) => prop_oneof![Just(Value::Null), inner.values()].boxed(),
            Self::Record { fields, .. } => written(fields, None),
            Self::Tagged(variants) => {
                let variants = variants.iter().map(|(tag, fields)| written(fields, Some(tag)));
                proptest::strategy::Union::new(variants).boxed()
            }
        }
    }
}

fn record(fields: &Fields, tag: Option<&str>) -> Value {
    let mut properties: Map<_, _> =
        fields.iter().map(|(name, field)| (name.clone(), field.shape.schema())).collect();
    let required = fields.iter().filter(|(_, field)| field.required).map(|(name, _)| name.as_str());
    let mut required: Vec<_> = required.collect();
    if let Some(tag) = tag {
        properties.insert("by".to_owned(), json!({"type": "string", "const": tag}));
        required.push("by");
    }
    json!({"type": "object", "properties": properties, "required": required})
}

fn written(fields: &Fields, tag: Option<&str>) -> BoxedStrategy<Value> {
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, field)| {
            let value = field.shape.values();
            let value = if field.required {
                value.prop_map(Some).boxed()
            } else {
                proptest::option::of(value).boxed()
            };
            (Just(name.clone()), value)
        })
        .collect();
    let tag = tag.map(|tag| ("by".to_owned(), Value::from(tag)));
    fields
        .prop_map(move |fields| {
            let present = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
            present.chain(tag.clone()).collect::<Map<_, _>>().into()
        })
        .boxed()
}

fn name() -> BoxedStrategy<String> {
    "[a-d]".boxed()
}

fn fields(shape: impl Strategy<Value = Shape> + 'static) -> BoxedStrategy<Fields> {
    let field = (shape, any::<bool>()).prop_map(|(shape, required)| Field { shape, required });
    btree_map(name(), field, 0..3).boxed()
}

fn shape() -> BoxedStrategy<Shape> {
    let leaf = prop_oneof![
        Just(Shape::Anything),
        Just(Shape::Null),
        Just(Shape::Flag),
        (-2..1_i64, 1..4_i64).prop_map(|(least, most)| Shape::Whole { least, most }),
        (0..4_usize).prop_map(|most| Shape::Text { most }),
        proptest::sample::subsequence(vec!["x", "y", "z"], 1..=3)
            .prop_map(|words| Shape::Word(words.into_iter().map(str::to_owned).collect())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|item| Shape::List(Box::new(item))),
            (inner.clone(), inner.clone())
                .prop_map(|(one, other)| Shape::Pair(Box::new(one), Box::new(other))),
            inner.clone().prop_map(|entry| Shape::Entries(Box::new(entry))),
            inner.clone().prop_map(|it| Shape::Nullable(Box::new(it))),
            (fields(inner.clone()), any::<bool>())
                .prop_map(|(fields, closed)| Shape::Record { fields, closed }),
            btree_map("[s-u]", fields(inner), 1..3).prop_map(Shape::Tagged),
        ]
    })
    .boxed()
}

/// The shape as somebody may have changed it: here and there, and mostly not at all.
fn changed(shape: &Shape) -> BoxedStrategy<Shape> {
    let inside = match shape.clone() {
        Shape::Whole { .. } => {
            (-2..1_i64, 1..4_i64).prop_map(|(least, most)| Shape::Whole { least, most }).boxed()
        }
        Shape::Text { most } => (0..=most + 1).prop_map(|most| Shape::Text { most }).boxed(),
        Shape::List(item) => changed(&item).prop_map(|item| Shape::List(Box::new(item))).boxed(),
        Shape::Pair(one, other) => (changed(&one), changed(&other))
            .prop_map(|(one, other)| Shape::Pair(Box::new(one), Box::new(other)))
            .boxed(),
        Shape::Entries(it) => changed(&it).prop_map(|it| Shape::Entries(Box::new(it))).boxed(),
        Shape::Nullable(it) => prop_oneof![
            Just(*it.clone()),
            changed(&it).prop_map(|it| Shape::Nullable(Box::new(it))),
        ]
        .boxed(),
        Shape::Record { fields, closed } => {
            (changed_fields(&fields), proptest::bool::weighted(0.2))
                .prop_map(move |(fields, flip)| Shape::Record { fields, closed: closed != flip })
                .boxed()
        }
        Shape::Tagged(variants) => {
            let variants: Vec<_> = variants
                .into_iter()
                .map(|(tag, fields)| (Just(tag), changed_fields(&fields)))
                .collect();
            let more = btree_map("[s-u]", fields(self::shape()), 0..2);
            (variants, more)
                .prop_map(|(variants, mut more)| {
                    more.extend(variants);
                    Shape::Tagged(more)
                })
                .boxed()
        }
        same => Just(same).boxed(),
    };
    let nullable = Just(Shape::Nullable(Box::new(shape.clone())));
    prop_oneof![6 => Just(shape.clone()), 4 => inside, 1 => nullable, 1 => self::shape()].boxed()
}

fn changed_fields(fields: &Fields) -> BoxedStrategy<Fields> {
    let kept: Vec<_> = fields
        .iter()
        .map(|(name, Field { shape, required })| {
            let required = prop_oneof![4 => Just(*required), 1 => Just(!required)];
            let field =
                (changed(shape), required).prop_map(|(shape, required)| Field { shape, required });
            (Just(name.clone()), proptest::option::weighted(0.9, field))
        })
        .collect();
    (kept, self::fields(shape()))
        .prop_map(|(kept, mut more)| {
            more.retain(|name, field| *name == "d" || !field.required);
            more.extend(kept.into_iter().filter_map(|(name, field)| Some((name, field?))));
            more
        })
        .boxed()
}

/// A contract in which the payload travels to the server or to the client.
fn contract(payload: &Shape, member: &str) -> Value {
    let mut contract = json!({"actions": {}, "events": {}});
    contract[member]["x"] = json!({"data": payload.schema(), "reply": {"type": "null"}});
    contract
}

fn changes(old: &Shape, new: &Shape, member: &str) -> Vec<Change> {
    diff(&contract(old, member), &contract(new, member))
}

fn is_safe(changes: &[Change]) -> bool {
    changes.iter().all(|change| change.severity == Severity::Safe)
}

/// Whether the second changes are safe only because of the first: a field that is gone may come
/// back as another or as an entry of any name, or be denied as unknown, and one who has stopped to
/// deny unknown fields may be sent some. Who was there before the first is not served by that, which
/// is why a server compares itself with every snapshot and not with the last one alone.
fn depends(one: &[Change], two: &[Change]) -> bool {
    one.iter().any(|change| {
        let gone = change.reason.contains(" gone");
        let opened = change.reason.contains("no longer denied");
        let lost = place(&change.path);
        let concerns_it = |next: &Change| {
            let found = place(&next.path);
            let of_others = ["entries of any name are new", "unknown fields are denied"];
            let of_others = of_others.iter().any(|words| next.reason.contains(words));
            found.starts_with(&lost) || (of_others && lost.starts_with(&found))
        };
        opened || (gone && two.iter().any(concerns_it))
    })
}

/// A path without its variants, `data.b` for `data<by="u">.b`: what was an enum with one variant may
/// be an object next time, and its fields are the same on the wire.
fn place(path: &str) -> String {
    let mut inside = 0_u32;
    let outside = |character: &char| {
        match character {
            '<' => inside += 1,
            '>' => inside = inside.saturating_sub(1),
            _ => return inside == 0,
        }
        false
    };
    path.chars().filter(outside).collect()
}

#[test]
fn a_field_may_come_back_in_an_object_that_was_a_variant() {
    let change = |path: &str, reason: &str| Change {
        severity: Severity::Safe,
        path: path.to_owned(),
        reason: reason.to_owned(),
    };
    let gone = change("actions.x.data<by=\"u\">.b", "a field is gone");
    let new = change("actions.x.data.b", "a new optional field");
    assert!(depends(&[gone], &[new]));
}

#[test]
fn a_field_that_is_gone_is_none_of_those_without_a_name() {
    let list = Shape::List(Shape::Anything.into());
    let fields = [("a".to_owned(), Field { shape: list.clone(), required: true })].into();
    let first = Shape::Record { fields, closed: false };
    let without = |closed| Shape::Record { fields: Fields::new(), closed };
    let pair = Shape::Pair(list.clone().into(), list.into());
    for third in [Shape::Entries(pair.into()), without(true)] {
        let one = changes(&first, &without(false), "actions");
        let two = changes(&without(false), &third, "actions");
        assert!(is_safe(&one) && is_safe(&two));
        assert!(!is_safe(&changes(&first, &third, "actions")), "older clients send a list");
        assert!(depends(&one, &two));
    }
}

fn reads(shape: &Shape, values: &[Value]) -> Result<(), TestCaseError> {
    let validator = jsonschema::validator_for(&shape.schema())
        .map_err(|error| TestCaseError::fail(error.to_string()))?;
    for value in values {
        prop_assert!(validator.is_valid(value), "{value} is refused");
    }
    Ok(())
}

fn several(shape: &Shape) -> BoxedStrategy<Vec<Value>> {
    proptest::collection::vec(shape.values(), 8).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn after_safe_changes_everybody_is_understood(
        (old, new, sent, pushed) in shape()
            .prop_flat_map(|old| { let new = changed(&old); (Just(old), new) })
            .prop_flat_map(|(old, new)| {
                let (sent, pushed) = (several(&old), several(&new));
                (Just(old), Just(new), sent, pushed)
            })
    ) {
        if is_safe(&changes(&old, &new, "actions")) {
            reads(&new, &sent)?;
        }
        if is_safe(&changes(&old, &new, "events")) {
            reads(&old, &pushed)?;
        }
    }

    #[test]
    fn safe_changes_compose(
        (first, second, third) in shape()
            .prop_flat_map(|first| { let second = changed(&first); (Just(first), second) })
            .prop_flat_map(|(first, second)| {
                let third = changed(&second);
                (Just(first), Just(second), third)
            })
    ) {
        for member in ["actions", "events"] {
            let (one, two) = (changes(&first, &second, member), changes(&second, &third, member));
            if is_safe(&one) && is_safe(&two) && !depends(&one, &two) {
                let all = changes(&first, &third, member);
                prop_assert!(is_safe(&all), "{one:#?} and {two:#?} make {all:#?}");
            }
        }
    }

    #[test]
    fn nothing_differs_from_itself(shape in shape()) {
        prop_assert_eq!(changes(&shape, &shape, "actions"), []);
        prop_assert_eq!(changes(&shape, &shape, "events"), []);
    }
}
