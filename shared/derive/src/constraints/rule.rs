//! One rule, and what of it goes into the schema.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Expr, ExprLit, Ident, Lit, Token,
    ext::IdentExt,
    parenthesized,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
    token::Paren,
};

use crate::mistakes::Mistakes;

/// `length(min = 1)`, `skip`, `title = "…"`, `!rename`.
pub(super) struct Rule {
    not: Option<Token![!]>,
    name: Ident,
    content: Content,
}

enum Content {
    Nothing,
    List(TokenStream),
    Value(Expr),
}

impl Parse for Rule {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let not = input.parse()?;
        let name = Ident::parse_any(input)?;
        let content = if input.peek(Paren) {
            let list;
            parenthesized!(list in input);
            Content::List(list.parse()?)
        } else if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Content::Value(input.parse()?)
        } else {
            Content::Nothing
        };
        Ok(Self { not, name, content })
    }
}

impl ToTokens for Rule {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { not, name, content } = self;
        let content = match content {
            Content::Nothing => quote!(),
            Content::List(list) => quote!((#list)),
            Content::Value(value) => quote!(= #value),
        };
        tokens.extend(quote!(#not #name #content));
    }
}

impl Rule {
    pub(super) fn name(&self) -> &Ident {
        &self.name
    }

    fn is(&self, name: &str) -> bool {
        self.name == name
    }

    /// Whether this is a rule, and not one of the other things that `#[schemars(…)]` says.
    pub(super) fn is_constraint_of_schemars(&self) -> bool {
        let rules = [
            "length", "range", "pattern", "regex", "contains", "inner", "required", "email", "url",
            "ip", "ipv4", "ipv6",
        ];
        rules.iter().any(|name| self.is(name))
    }

    fn list(&self) -> TokenStream {
        match &self.content {
            Content::List(list) => list.clone(),
            Content::Nothing | Content::Value(_) => TokenStream::new(),
        }
    }
}

/// The constraints by the names of their rules, each as a member of a JSON object.
#[derive(Default)]
pub(super) struct Constraints(BTreeMap<String, TokenStream>);

impl Constraints {
    pub(super) fn values(&self) -> impl Iterator<Item = &TokenStream> {
        self.0.values()
    }

    /// Adds a rule. Whether it is one that constrains the field.
    pub(super) fn add(&mut self, rule: &Rule, mistakes: &mut Mistakes) -> bool {
        let name = rule.name.to_string();
        let json = match name.as_str() {
            // Of garde alone: what is nested is checked anyhow, and these say nothing to check.
            "skip" | "dive" | "rename" | "code" => return false,
            "length" | "range" => bounds(rule, mistakes),
            "pattern" => pattern(rule, mistakes),
            "inner" => inner(rule, mistakes),
            _ => {
                mistakes.at(&rule.name, refusal(&name));
                None
            }
        };
        let Some(json) = json else { return false };
        if self.0.insert(name.clone(), quote!(#name: #json)).is_some() {
            mistakes.at(&rule.name, format!("`{name}` is said twice: make it one"));
        }
        true
    }
}

/// What is wrong with a rule that JSON Schema has no word for, and what to write in its place.
fn refusal(rule: &str) -> String {
    let way_out = match rule {
        "email" | "url" | "ip" | "ipv4" | "ipv6" | "credit_card" | "phone_number" | "ascii"
        | "alphanumeric" => {
            "say what is checked as a `pattern(\"^…$\")`, or check it in the handler"
        }
        "contains" | "prefix" | "suffix" | "regex" => {
            "say it as a `pattern(\"^…$\")`, which both ends read alike"
        }
        "custom" | "matches" | "adapt" | "if" => "check it in the handler",
        "required" => "a field that has to be there is no `Option`",
        _ => {
            return "unknown constraint; known are `length`, `range`, `pattern` and `inner`"
                .to_owned();
        }
    };
    format!("neither end checks `{rule}`: {way_out}")
}

/// `{ "min": …, "max": … }` of `length(…)` and `range(…)`.
fn bounds(rule: &Rule, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let arguments = match Punctuated::<Rule, Token![,]>::parse_terminated.parse2(rule.list()) {
        Ok(arguments) => arguments,
        Err(error) => {
            mistakes.add(error);
            return None;
        }
    };
    let (mut least, mut most, mut wrong) = (None, None, false);
    for argument in &arguments {
        let message = match (&argument.content, argument.name.to_string().as_str()) {
            (Content::Value(Expr::Lit(ExprLit { lit: Lit::Str(_), .. })), _) => {
                "a bound is a number".to_owned()
            }
            (Content::Value(value), name @ ("min" | "max" | "equal")) => {
                let least_twice = name != "max" && least.replace(value).is_some();
                let most_twice = name != "min" && most.replace(value).is_some();
                if !least_twice && !most_twice {
                    continue;
                }
                "this bound is said twice".to_owned()
            }
            // Of a list there is but one length, which garde calls `simple`.
            (Content::Nothing, "chars" | "simple") if rule.is("length") => continue,
            (Content::Nothing, mode @ ("bytes" | "graphemes" | "utf16")) if rule.is("length") => {
                format!("both ends count characters, not `{mode}`: write `chars`")
            }
            _ => "known here: `min`, `max`, `equal`".to_owned(),
        };
        mistakes.at(&argument.name, message);
        wrong = true;
    }
    if wrong {
        return None;
    }
    if least.is_none() && most.is_none() {
        mistakes.at(&rule.name, format!("say a bound: `{}(min = …, max = …)`", rule.name));
        return None;
    }
    let (least, most) = (least.into_iter(), most.into_iter());
    Some(quote!({ #("min": (#least),)* #("max": (#most),)* }))
}

/// The text of `pattern(…)`.
fn pattern(rule: &Rule, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let Ok(pattern) = syn::parse2::<Expr>(rule.list()) else {
        let message = "write the pattern in parentheses: `pattern(\"^[a-z]{1,8}$\")`";
        mistakes.at(&rule.name, message);
        return None;
    };
    Some(quote!(((#pattern).to_string())))
}

/// The rules of `inner(…)`, which are for the items of a list.
fn inner(rule: &Rule, mistakes: &mut Mistakes) -> Option<TokenStream> {
    let rules = match Punctuated::<Rule, Token![,]>::parse_terminated.parse2(rule.list()) {
        Ok(rules) => rules,
        Err(error) => {
            mistakes.add(error);
            return None;
        }
    };
    let mut constraints = Constraints::default();
    for rule in &rules {
        constraints.add(rule, mistakes);
    }
    let constraints: Vec<_> = constraints.values().collect();
    (!constraints.is_empty()).then(|| quote!({ #(#constraints),* }))
}
