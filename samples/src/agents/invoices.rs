//! Reads scanned invoices into rows that accounting can book.

use std::fmt::Write as _;

use crate::out;
use crate::people::LAST_NAMES;
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene, Speaker};

pub(super) const INSTRUCTIONS: &str = "Extract the fields of an invoice from the text of its scan. The text comes from character recognition, so expect broken lines and a letter that should be a digit. Copy numbers exactly, and never compute a value that is not printed.";

pub(super) const RULES: [&str; 6] = [
    "Dates as YYYY-MM-DD.",
    "Amounts as numbers without the currency sign.",
    "A field that is not on the invoice is null.",
    "Line items in the order of the page.",
    "Set needs_review when subtotal and tax do not add up to the total.",
    "VAT numbers without spaces.",
];

pub(super) const OUTPUT_SCHEMA: &str = r#"{"type":"object","required":["invoice_number","issue_date","vendor","line_items","total","currency","needs_review"],"properties":{"invoice_number":{"type":"string"},"issue_date":{"type":"string","format":"date"},"due_date":{"type":["string","null"],"format":"date"},"vendor":{"type":"object","properties":{"name":{"type":"string"},"vat_id":{"type":["string","null"]},"address":{"type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"},"country":{"type":"string"}}}}},"line_items":{"type":"array","items":{"type":"object","properties":{"description":{"type":"string"},"quantity":{"type":"number"},"unit_price":{"type":"number"},"amount":{"type":"number"}}}},"subtotal":{"type":"number"},"tax":{"type":"object","properties":{"rate":{"type":"number"},"amount":{"type":"number"}}},"total":{"type":"number"},"currency":{"type":"string"},"needs_review":{"type":"boolean"}}}"#;

#[derive(Clone, Copy)]
struct Vendor {
    name: &'static str,
    vat_id: &'static str,
    street: &'static str,
    city: &'static str,
    country: &'static str,
    currency: &'static str,
    tax_percent: u64,
}

macro_rules! vendors {
    ($($name:literal $vat:literal $street:literal $city:literal $country:literal $currency:literal $tax:literal;)*) => {
        &[$(Vendor { name: $name, vat_id: $vat, street: $street, city: $city, country: $country, currency: $currency, tax_percent: $tax }),*]
    };
}

static VENDORS: &[Vendor] = vendors! {
    "Bürobedarf Hansen GmbH" "DE811204663" "Speicherstraße 12" "Hamburg" "DE" "EUR" 19;
    "Nordlys Logistics AS" "NO917332841" "Havnegata 7" "Bergen" "NO" "NOK" 25;
    "Atelier Garonne SARL" "FR40512886134" "18 rue des Carmes" "Toulouse" "FR" "EUR" 20;
    "Pickering & Sons Ltd" "GB287440193" "4 Canal Wharf" "Leeds" "GB" "GBP" 20;
    "Talleres Ebro S.L." "ESB66120458" "Calle del Coso 31" "Zaragoza" "ES" "EUR" 21;
    "Zürisee Treuhand AG" "CHE114705339" "Seestrasse 204" "Zürich" "CH" "CHF" 8;
    "Kaskad Cloud Oy" "FI28104477" "Aleksanterinkatu 9" "Helsinki" "FI" "EUR" 25;
    "Cartiera del Garda SpA" "IT02944610225" "Via Rovereto 15" "Riva del Garda" "IT" "EUR" 22;
    "Polder Print BV" "NL859114302B01" "Stationsweg 60" "Zwolle" "NL" "EUR" 21;
    "Willow Creek Catering Inc." "US844129071" "220 Harbor Ave" "Portland" "US" "USD" 0;
};

const ITEMS: [(&str, u32); 20] = [
    ("Copy paper A4, 80 g, box of 5", 2_490),
    ("Pallet freight, zone 3", 14_800),
    ("Cloud hosting, standard node, monthly", 6_900),
    ("Toner cartridge black", 8_450),
    ("Office cleaning, 4 h", 11_600),
    ("Consulting, senior, hour", 16_500),
    ("Cardboard boxes 40 × 30 × 20", 145),
    ("Lunch buffet per person", 1_850),
    ("Poster print A1, matt", 2_200),
    ("Standing desk, oak", 48_900),
    ("Network switch 24 ports", 21_900),
    ("Translation, per 100 words", 1_400),
    ("Safety gloves, pair", 690),
    ("Annual support contract", 96_000),
    ("Photo shoot, half day", 62_000),
    ("Stretch film, roll", 1_120),
    ("Coffee beans, 1 kg", 1_990),
    ("Label rolls, thermal", 870),
    ("Courier, same day", 3_450),
    ("LED panel 60 × 60", 5_780),
];

/// Fills the scene of one invoice.
pub(super) fn scene(rng: &mut Rng, moment: Moment, scene: &mut Scene) {
    let vendor = rng.zipf(VENDORS);
    let number = format!("{}-{:05}", 2_000 + rng.below(8_000), rng.below(100_000));
    let age = rng.between(0, 20);
    let issued = moment.date_before(age);
    let count = rng.between(1, 4);
    let rows: Vec<(&str, u64, u64)> = rng
        .some(&ITEMS, count)
        .into_iter()
        .map(|(text, price)| (*text, u64::from(rng.between(1, 12)), u64::from(*price)))
        .collect();
    let subtotal: u64 = rows.iter().map(|(_, quantity, price)| quantity * price).sum();
    let tax = (subtotal * vendor.tax_percent + 50) / 100;
    let needs_review = rng.percent(6);
    let total = subtotal + tax + if needs_review { 10 } else { 0 };

    let text =
        page(&vendor, &number, &issued, &rows, [subtotal, tax, total], rng.pick(&LAST_NAMES));
    let pages = rng.between(1, 2);
    out::object(&mut scene.input, |o| {
        o.object("file", |file| {
            file.text("name", &format!("scan_{number}.pdf"));
            file.raw("pages", pages);
        });
        o.text("text", &text);
    });
    let due = moment.date_before(age.saturating_sub(14));
    out::object(&mut scene.answer, |o| {
        o.text("invoice_number", &number);
        o.text("issue_date", &issued);
        if age >= 14 {
            o.text("due_date", &due)
        } else {
            o.raw("due_date", "null")
        }
        o.object("vendor", |v| {
            v.text("name", vendor.name);
            v.text("vat_id", vendor.vat_id);
            v.object("address", |address| {
                address.text("street", vendor.street);
                address.text("city", vendor.city);
                address.text("country", vendor.country);
            });
        });
        o.array("line_items", |items| {
            for (text, quantity, price) in &rows {
                items.object(|item| {
                    item.text("description", text);
                    item.raw("quantity", quantity);
                    out::cents(item.key("unit_price"), *price);
                    out::cents(item.key("amount"), quantity * price);
                });
            }
        });
        out::cents(o.key("subtotal"), subtotal);
        o.object("tax", |t| {
            t.raw("rate", format_args!("0.{:02}", vendor.tax_percent));
            out::cents(t.key("amount"), tax);
        });
        out::cents(o.key("total"), total);
        o.text("currency", vendor.currency);
        o.raw("needs_review", needs_review);
    });
    scene.prompt = Prompt::Instructions;
    let question = scene.input.clone();
    scene.say(Speaker::User, question);
}

/// The page as character recognition reads it.
fn page(
    vendor: &Vendor,
    number: &str,
    issued: &str,
    rows: &[(&str, u64, u64)],
    [subtotal, tax, total]: [u64; 3],
    contact: &str,
) -> String {
    let mut text = String::with_capacity(480);
    let Vendor { name, vat_id, street, city, country, currency, tax_percent } = vendor;
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name}\n{street}\n{country} {city}\nVAT {vat_id}\n");
    let _ = writeln!(text, "INVOICE {number}    {issued}\nAttn. {contact}\n");
    for (item, quantity, price) in rows {
        let _ = write!(text, "{quantity:>3} x {item}  ");
        out::cents(&mut text, *price);
        text.push_str("  ");
        out::cents(&mut text, quantity * price);
        text.push('\n');
    }
    text.push_str("\nSubtotal ");
    out::cents(&mut text, subtotal);
    let _ = write!(text, "\nVAT {tax_percent}% ");
    out::cents(&mut text, tax);
    let _ = write!(text, "\nTOTAL {currency} ");
    out::cents(&mut text, total);
    text.push_str("\nPayable within 14 days");
    text
}
