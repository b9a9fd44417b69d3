use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

struct Request {
    body: &'static str,
    query: Vec<(String, String)>,
}

impl Scope for Request {
    fn body(&self) -> Option<&str> {
        Some(self.body)
    }

    fn query(&self) -> &[(String, String)] {
        &self.query
    }

    fn context(&self, path: &str) -> Option<Value> {
        match path {
            "connectionId" => Some(json!("C1=")),
            "requestId" => Some(json!("R1=")),
            "connectedAt" => Some(json!(17)),
            "identity.sourceIp" => Some(json!("203.0.113.9")),
            _ => None,
        }
    }

    fn stage_variable(&self, name: &str) -> Option<&str> {
        (name == "table").then_some("chat")
    }
}

fn request(body: &'static str) -> Request {
    Request { body, query: vec![("token".to_owned(), "t 1".to_owned())] }
}

fn render_over(text: &str, body: &'static str) -> Result<String, RenderError> {
    Template::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).render(&request(body))
}

fn render(text: &str) -> String {
    const BODY: &str = r#"{ "action":"join", "n": 2, "none": null, "rooms": [{"id":"a"}, {"id":"b"}], "say": "it's" }"#;
    render_over(text, BODY).unwrap()
}

fn refused(text: &str) -> (usize, usize) {
    let error = Template::parse(text).map(|_| text).unwrap_err();
    (error.line, error.column)
}

#[test]
fn the_sqs_recipe_renders_to_a_form() {
    // The fields of a SendMessage request as people deploy them for a FIFO queue.
    let template = "Action=SendMessage\
        &MessageGroupId=$input.path('$.MessageGroupId')\
        &MessageDeduplicationId=$context.requestId\
        &MessageAttribute.1.Name=connectionId\
        &MessageAttribute.1.Value.StringValue=$context.connectionId\
        &MessageAttribute.1.Value.DataType=String\
        &MessageAttribute.2.Name=requestId\
        &MessageAttribute.2.Value.StringValue=$context.requestId\
        &MessageAttribute.2.Value.DataType=String\
        &MessageBody=$util.urlEncode($input.json('$'))";
    let body = r#"{"action":"send", "MessageGroupId":"room 1","text":"a&b"}"#;
    assert_eq!(
        render_over(template, body).unwrap(),
        "Action=SendMessage&MessageGroupId=room 1&MessageDeduplicationId=R1=\
         &MessageAttribute.1.Name=connectionId&MessageAttribute.1.Value.StringValue=C1=\
         &MessageAttribute.1.Value.DataType=String\
         &MessageAttribute.2.Name=requestId&MessageAttribute.2.Value.StringValue=R1=\
         &MessageAttribute.2.Value.DataType=String\
         &MessageBody=%7B%22action%22%3A%22send%22%2C%22MessageGroupId%22%3A%22room+1%22%2C\
         %22text%22%3A%22a%26b%22%7D"
    );
}

#[test]
fn references_are_printed() {
    for (template, expected) in [
        ("$context.connectionId/$context.connectedAt", "C1=/17"),
        ("${context.identity.sourceIp}x $!context.nope$!{context.nope}.", "203.0.113.9x ."),
        ("$stageVariables.table.", "chat."),
        ("$input.path('$.action')", "join"),
        ("$input.path('$.rooms[1].id')$input.path('$.rooms')[0].id", "ba"),
        ("$input.json('$.rooms')", r#"[{"id":"a"},{"id":"b"}]"#),
        ("$input.json('$.nope')", r#""""#),
        ("$input.path('$.nope')$input.path('$.none')", ""),
        ("$input.path('$.rooms')", "[{id=a}, {id=b}]"),
        ("$input.params('token') $input.params().querystring.token", "t 1 t 1"),
        ("$util.escapeJavaScript($input.path('$.say'))", r"it\'s"),
        (r#"$util.escapeJavaScript($input.path('$.say')).replaceAll("\\'","'")"#, "it's"),
        ("$input.path('$.action').replaceAll('(o)(i)', '$2\\$$1')", "ji$on"),
        ("$util.base64Decode($util.base64Encode('x'))$util.urlDecode('a+b')", "xa b"),
        ("$util.parseJson('{\"a\":[1.50]}').a[0]", "1.5"),
    ] {
        assert_eq!(render(template), expected, "{template}");
    }
}

#[test]
fn other_dollars_and_hashes_are_text() {
    let text = "$5 $ $$ ${ $! $.a #1 #channel # #ifx \\ \\\\ a\\b";
    assert_eq!(render(text), text);
    assert_eq!(render(r"\$context.stage \#if \\$context.requestId"), r"$context.stage #if \R1=");
}

#[test]
fn comments_and_directives_leave_no_lines() {
    let template =
        "{## a comment\n#* another\n one *#\n  #set($id = $context.connectionId)\n\"id\":\"$id\"}";
    assert_eq!(render(template), "{\n  \"id\":\"C1=\"}");
}

#[test]
fn conditions() {
    for (condition, holds) in [
        ("$input.path('$.n') == 2", true),
        ("$input.path('$.n') >= 2.5", false),
        ("$input.path('$.action') == \"join\"", true),
        ("$input.path('$.action') < 3", false),
        ("$input.path('$.nope') == ''", true),
        ("$input.path('$.nope')", false),
        ("!$input.path('$.nope') && true", true),
        ("false || (true && !false)", true),
        ("false && true || true", true),
        ("\"$input.path('$.action')-$context.connectedAt\" == 'join-17'", true),
        ("$input.path('$.rooms').size() > 1", true),
        ("-1 < 0", true),
    ] {
        let text = format!("#if({condition})yes#{{else}}no#end");
        assert_eq!(render(&text), if holds { "yes" } else { "no" }, "{condition}");
    }
    let chain = "#set($n = $input.path('$.n'))#if($n == 1)a#elseif($n == 2)b#else c#end";
    assert_eq!(render(chain), "b");
}

#[test]
fn loops_know_where_they_are() {
    let template = "#foreach($room in $input.path('$.rooms'))$foreach.index:$room.id#if($foreach.hasNext),#end#end";
    assert_eq!(render(template), "0:a,1:b");
    assert_eq!(render("#foreach($x in $input.path('$.action'))never#end"), "");
}

#[test]
fn what_is_not_of_the_subset_is_refused_where_it_stands() {
    for (text, place) in [
        ("a\nä $foo", (2, 3)),
        ("#macro(x)", (1, 1)),
        ("#if(true)\n#parse('x')#end", (2, 1)),
        ("#if(true)", (1, 1)),
        ("#end", (1, 1)),
        ("#if(true)#else#else#end", (1, 15)),
        ("#foreach($x in $input.path('$'))", (1, 1)),
        ("#set($context.x = 1)", (1, 6)),
        ("#set($x = )", (1, 11)),
        ("#set($x = 1 + 2)", (1, 13)),
        ("#set($x.y = 1)", (1, 8)),
        ("$input.json('$..a')", (1, 1)),
        ("$input.json($context.stage)", (1, 1)),
        ("$input.nope", (1, 1)),
        ("$util.nope('x')", (1, 1)),
        ("$util.urlEncode('x', 'y')", (1, 1)),
        ("$util.urlEncode('x')).ok $util.urlEncode('x", (1, 42)),
        ("$context.stage.length()", (1, 15)),
        ("$context.stage.replaceAll('(', '')", (1, 15)),
        ("$context.stage.replaceAll('a', '$1')", (1, 15)),
        ("$context", (1, 1)),
        ("${context.stage", (1, 16)),
        ("$foreach.index", (1, 1)),
        ("#set($x = \"#if(true)\")", (1, 12)),
        ("#* open", (1, 1)),
        ("#[[ raw ]]#", (1, 1)),
    ] {
        assert_eq!(refused(text), place, "{text}");
    }
    assert_eq!(refused(&"x".repeat(TEMPLATE_LIMIT + 1)), (1, 1));
    assert!(Template::parse(&"x".repeat(TEMPLATE_LIMIT)).is_ok());
}

#[test]
fn deep_and_long_templates_are_no_danger() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(5000), close.repeat(5000));
    for text in [
        deep("#if(true)", "#end"),
        format!("#if({})#end", deep("(", ")")),
        format!("#if({}true)#end", "!".repeat(5000)),
        deep("$util.urlEncode(", ")"),
    ] {
        assert!(Template::parse(&text).unwrap_err().problem.contains("too deeply"));
    }
    let long = format!("#if(true{})yes#end", " && true".repeat(30_000));
    assert_eq!(render(&long), "yes");
}

#[test]
fn work_and_output_are_bounded() {
    let double = "#set($x = \"$x$x\")".repeat(40);
    let grown = format!("#set($x = 'xxxxxxxx'){double}$x");
    assert_eq!(render_over(&grown, "").unwrap_err(), RenderError::Output);

    let list = "[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]";
    let nested: String = (0..10)
        .map(|depth| format!("#foreach($i{depth} in $input.path('$'))"))
        .chain(std::iter::repeat_n("#end".to_owned(), 10))
        .collect();
    assert_eq!(render_over(&nested, list).unwrap_err(), RenderError::Work);

    let long: &'static str = format!("[0{}]", ",0".repeat(LOOP_LIMIT)).leak();
    let each = "#foreach($x in $input.path('$'))$x#end";
    assert_eq!(render_over(each, long).unwrap_err(), RenderError::Loop);
}

/// Texts that look like templates more often than chance would have it.
fn template() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("$context.connectionId"),
        Just("$input.path('$.rooms')"),
        Just("$input.json('$')"),
        Just("$input.params()"),
        Just("$util.urlEncode($x)"),
        Just("$util.parseJson($x)"),
        Just("$x.replaceAll('a*', '$0$0')"),
        Just("${x}"),
        Just("#set($x = \"$!x a\")"),
        Just("#if($x == 1 && !$x)"),
        Just("#elseif($x)"),
        Just("#else"),
        Just("#end"),
        Just("#foreach($x in $x)"),
        Just("#set($x = $input.path('$'))"),
        Just("$foreach.index"),
        Just("\""),
        Just("("),
        Just("\\"),
        Just("#"),
        Just("é\n"),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_a_template_or_an_error(text in "\\PC{0,60}") {
        if let Ok(template) = Template::parse(&text) {
            let _ = template.render(&request("{}"));
        }
    }

    #[test]
    fn any_template_renders_within_bounds(text in template()) {
        if let Ok(template) = Template::parse(&text)
            && let Ok(output) = template.render(&request(r#"{"rooms":[[1],2],"a":null}"#))
        {
            prop_assert!(output.len() <= OUTPUT_LIMIT);
        }
    }

    #[test]
    fn text_without_signs_is_itself(text in "[^$#\\\\]{0,40}") {
        prop_assert_eq!(render_over(&text, "").unwrap(), text);
    }
}
