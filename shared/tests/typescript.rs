//! The TypeScript of a contract, down to the letter: `tests/typescript/board.*`.
#![expect(dead_code, reason = "these types are described, not used")]

use std::collections::{BTreeMap, HashMap};

use gatewire::{
    ConnectionId,
    describe::{CheckError, Describe, check, typescript},
    prelude::*,
};

/// What a browser may ask.
///
/// Second paragraph; this does not end the comment: */
#[derive(Contract)]
#[contract(events = BoardEvent)]
enum Board {
    /// Put a card on the board.
    #[reply(Placed)]
    Place(Place),
    #[reply(Option<Vec<Card>>)]
    Search(Search),
    /// Forget it.
    ///
    /// All of it. */ export const gone = true;
    #[contract(rename = "board/clear")]
    Clear(Clear),
}

#[derive(Events)]
enum BoardEvent {
    /// A card has moved.
    Moved(Moved),
    Renamed(Page<Label>),
    Tree(Tree),
}

/// A card to be put somewhere. */
#[message]
struct Place {
    /// The card.
    ///
    /// With its history.
    card: Card,
    #[serde(default)]
    note: Option<String>,
    near: Option<Position>,
    /** Who may see it,
    as a block comment. */
    visible_to: HashMap<String, Access>,
}

#[message]
#[serde(rename_all = "camelCase")]
#[derive(Clone)]
struct Card {
    short_title: String,
    labels: Vec<Label>,
    #[serde(skip)]
    cached: Hidden,
    #[tsify(type = "`#${string}`")]
    #[schemars(with = "String")]
    color: Color,
    #[serde(rename = "due-at")]
    due: f64,
}

#[derive(Clone, Default)]
struct Hidden;

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Color(String);

#[message]
#[derive(Clone)]
struct Label(String);

/// Who may do what.
#[message]
#[serde(rename_all = "lowercase")]
enum Access {
    Read,
    Write,
}

#[message]
struct Position {
    column: u32,
    row: Option<u32>,
}

#[message]
struct Placed {
    at: (u32, Position),
}

#[message]
#[serde(tag = "by")]
enum Search {
    Text { text: String },
    Owner { owner: Person },
}

#[message]
struct Person {
    connection: ConnectionId,
    more: BTreeMap<String, serde_json::Value>,
}

#[message]
struct Clear;

#[message]
struct Moved {
    from: From,
    to: Position,
}

/// Named like a trait of the prelude.
#[message]
struct From {
    column: u32,
}

#[message]
struct Page<T> {
    items: Vec<T>,
    next: Option<Box<Page<T>>>,
}

#[message]
struct Tree {
    children: Vec<Tree>,
}

#[test]
fn a_contract_becomes_a_value_and_its_types() -> Result<(), CheckError> {
    check::<Board>(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/typescript"))
}

#[test]
fn the_same_contract_gives_the_same_text() {
    let files = typescript(&Board::describe());
    assert!(files.is_ok());
    assert_eq!(typescript(&Board::describe()), files);
}

#[derive(Contract)]
#[contract(events = ())]
enum Drawing {
    Draw(Draw),
}

#[message]
struct Draw {
    path: Path,
}

/// Not that of the standard library, which is a string in TypeScript.
#[message]
struct Path {
    points: Vec<(f64, f64)>,
}

#[test]
fn a_type_that_typescript_would_take_for_one_of_rusts_is_refused() {
    let refused = typescript(&Drawing::describe()).unwrap_err().to_string();
    let said = "two types are called `Path`, of which one may be Rust's own: rename the other";
    assert_eq!(refused, said);
}
