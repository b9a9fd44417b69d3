//! `gatewire routes [FILE]`

use std::{path::Path, process::ExitCode};

use gatewire_server::config::{Config, Route};

use crate::{
    check::load,
    source::{FileError, Source},
};

const COLUMNS: [&str; 6] = ["ROUTE", "INTEGRATION", "KIND", "TARGET", "REPLY", "MODEL"];

/// Prints the routes as a table: connecting and leaving first, what fits no other last.
pub(crate) fn routes(source: &Source) -> Result<ExitCode, FileError> {
    let Some(config) = load(source)? else { return Ok(ExitCode::FAILURE) };
    let folder = source.file.parent().unwrap_or(Path::new(""));
    let mut routes: Vec<(&String, &Route)> = config.routes.iter().collect();
    routes.sort_by_key(|(key, _)| match key.as_str() {
        "$connect" => 0,
        "$disconnect" => 1,
        "$default" => 3,
        _ => 2,
    });
    let rows = routes.into_iter().map(|(key, route)| row(key, route, &config, folder));
    let header = COLUMNS.map(str::to_owned);
    print!("{}", table(&std::iter::once(header).chain(rows).collect::<Vec<_>>()));
    Ok(ExitCode::SUCCESS)
}

fn row(key: &str, route: &Route, config: &Config, folder: &Path) -> [String; 6] {
    let name = route.integration.value();
    let integration = &config.integrations[name];
    let models = route.models.iter().flat_map(|models| models.schemas.values());
    let models = models.map(|schema| match &schema.file {
        Some(file) => {
            let file = file.strip_prefix(folder).unwrap_or(file);
            file.strip_prefix(".").unwrap_or(file).display().to_string()
        }
        None => "inline".to_owned(),
    });
    let models: Vec<String> = models.collect();
    [
        key.to_owned(),
        name.clone(),
        integration.kind().to_owned(),
        integration.target(),
        if route.reply { "two-way" } else { "" }.to_owned(),
        models.join(", "),
    ]
}

/// Columns as wide as what is in them; `-` where there is nothing.
fn table(rows: &[[String; 6]]) -> String {
    let shown = |cell: &String| if cell.is_empty() { "-".to_owned() } else { cell.clone() };
    let rows: Vec<[String; 6]> = rows.iter().map(|row| row.each_ref().map(shown)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: [usize; 6] = std::array::from_fn(|column| width(column).unwrap_or(0));
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}
