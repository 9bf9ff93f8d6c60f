//! A trend as a picture: one line a piece of hardware, steps marked. Pure.

use super::answer::{Series, Trend};

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 230.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 60.0;
/// Colours that are told apart by people who confuse red and green, too (Okabe and Ito 2008).
const COLOURS: [&str; 8] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999"];

/// Draws the series as SVG: versions from left to right, values from 0 or from a little below the smallest upwards.
#[must_use]
pub fn svg(trend: &Trend) -> String {
    let values = || trend.series.iter().flat_map(|series| &series.values).filter_map(|value| value.value);
    let (least, most) = values().fold((f64::INFINITY, 0.0_f64), |(least, most), value| (least.min(value), most.max(value)));
    // From 0 unless that would flatten everything.
    let floor = if least > 0.6 * most { least - 0.15 * (most - least).max(0.05 * most) } else { 0.0 };
    let scale = Scale { floor, span: (1.05 * (most - floor)).max(f64::MIN_POSITIVE), count: trend.versions.len() };
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"12\">\n\
<title>{title}</title>\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#ffffff\"/>\n<text x=\"{LEFT}\" y=\"22\" font-size=\"14\">{title}</text>\n",
        title = escaped(&format!("{}: {} by version", trend.model, trend.metric)),
    );
    for part in 0..=4 {
        let value = floor + scale.span * f64::from(part) / 4.0;
        let y = scale.y(value);
        text.push_str(&format!(
            "<line x1=\"{LEFT}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n",
            WIDTH - RIGHT,
            LEFT - 8.0,
            y + 4.0,
            short(value)
        ));
    }
    for (at, version) in trend.versions.iter().enumerate() {
        text.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\n",
            scale.x(at),
            HEIGHT - BOTTOM + 22.0,
            escaped(version)
        ));
    }
    for (at, series) in trend.series.iter().enumerate() {
        text.push_str(&line(series, &scale, COLOURS[at % COLOURS.len()]));
    }
    for (series, y, colour) in legend(trend, &scale) {
        text.push_str(&format!(
            "<text x=\"{:.1}\" y=\"{y:.1}\" fill=\"{colour}\">{}</text>\n",
            WIDTH - RIGHT + 12.0,
            escaped(&series.hardware)
        ));
    }
    text.push_str("</svg>\n");
    text
}

struct Scale {
    floor: f64,
    span: f64,
    count: usize,
}

impl Scale {
    fn x(&self, at: usize) -> f64 {
        let between = (self.count.max(2) - 1) as f64;
        LEFT + 20.0 + (WIDTH - LEFT - RIGHT - 40.0) * at as f64 / between
    }

    fn y(&self, value: f64) -> f64 {
        HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - self.floor) / self.span
    }
}

/// The line of one piece of hardware, a dot a version, a ring and the change where its level steps.
fn line(series: &Series, scale: &Scale, colour: &str) -> String {
    let known: Vec<(usize, f64)> = series.values.iter().enumerate().filter_map(|(at, value)| Some((at, value.value?))).collect();
    let points: Vec<String> = known.iter().map(|(at, value)| format!("{:.1},{:.1}", scale.x(*at), scale.y(*value))).collect();
    let mut text = format!("<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" points=\"{}\"/>\n", points.join(" "));
    for (at, value) in known {
        let (x, y) = (scale.x(at), scale.y(value));
        text.push_str(&format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{colour}\"/>"));
        if let Some(step) = series.steps.iter().find(|step| step.version == series.values[at].version) {
            text.push_str(&format!(
                "<circle class=\"step\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"8\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>\
<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"{colour}\">{:+.1} %</text>",
                y - 13.0,
                step.change_percent
            ));
        }
        text.push('\n');
    }
    text
}

/// Names beside the ends of the lines, moved apart where they would cover each other.
fn legend<'a>(trend: &'a Trend, scale: &Scale) -> Vec<(&'a Series, f64, &'static str)> {
    let mut all: Vec<(&Series, f64, &str)> = trend
        .series
        .iter()
        .enumerate()
        .filter_map(|(at, series)| {
            let last = series.values.iter().rev().find_map(|value| value.value)?;
            Some((series, scale.y(last) + 4.0, COLOURS[at % COLOURS.len()]))
        })
        .collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut free = TOP;
    for (_, y, _) in &mut all {
        *y = y.max(free);
        free = *y + 14.0;
    }
    all
}

/// A number on the axis: three digits that count.
fn short(value: f64) -> String {
    if value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

fn escaped(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    clean.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
