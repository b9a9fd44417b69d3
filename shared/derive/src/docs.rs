//! Doc comments, as text.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The text of the doc comments among these attributes, lines without their first space.
pub(crate) fn text(attributes: &[Attribute]) -> String {
    let lines: Vec<String> = attributes.iter().filter_map(line).collect();
    let lines = lines.iter().flat_map(|text| text.lines());
    let lines: Vec<&str> =
        lines.map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// The text of one `#[doc = "…"]`; a block comment has several lines.
fn line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(doc) = &attribute.meta else {
        return None;
    };
    let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &doc.value else {
        return None;
    };
    // `lines` would drop the empty line that separates two paragraphs.
    let text = match text.value() {
        empty if empty.is_empty() => "\n".to_owned(),
        text => text,
    };
    doc.path.is_ident("doc").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn paragraphs_and_indentation_stay() {
        let item: syn::ItemStruct = syn::parse_quote! {
            /// First.
            ///
            ///  - indented
            #[serde(default)]
            struct A;
        };
        assert_eq!(text(&item.attrs), "First.\n\n - indented");
    }

    #[test]
    fn what_has_no_docs_is_empty() {
        let item: syn::ItemStruct = syn::parse_quote!(
            #[doc(hidden)]
            struct A;
        );
        assert_eq!(text(&item.attrs), "");
    }
}
