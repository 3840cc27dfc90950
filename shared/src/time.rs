//! Times and dates, as texts have them.

/// The days before each month of a year that is not a leap year.
const BEFORE: [i64; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];
/// The days from the year 0 to 1970.
const EPOCH: i64 = 719_528;

/// The seconds since 1970 of `2024-06-01T12:00:00Z`, with or without a fraction of seconds, which is left out, and with any
/// offset. `None` for any other text. Source: RFC 3339, section 5.6.
#[must_use]
pub fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let (clock, rest) = time.strip_prefix(['T', 't'])?.split_at_checked(8)?;
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
            (offset.len() < fraction.len()).then_some(offset)?
        }
        None => rest,
    };
    let days = days(date)?;
    // 60 is a leap second.
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let of_clock = |hour: i64, minute: i64| hour.saturating_mul(3600).saturating_add(minute.saturating_mul(60));
    let ahead = match offset {
        "Z" | "z" => 0,
        _ => {
            let [hour, minute] = numbers(offset.strip_prefix(['+', '-'])?, ':', [2, 2])?;
            let ahead = (hour < 24 && minute < 60).then(|| of_clock(hour, minute))?;
            if offset.starts_with('-') { ahead.saturating_neg() } else { ahead }
        }
    };
    Some(
        days.saturating_mul(86_400).saturating_add(of_clock(hour, minute)).saturating_add(second).saturating_sub(ahead),
    )
}

/// The days since 1970 of `2024-06-01`. `None` for any other text, and for a day that no calendar has.
#[must_use]
pub fn days(text: &str) -> Option<i64> {
    let [year, month, day] = numbers(text, '-', [4, 2, 2])?;
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let index = usize::try_from(month).ok()?;
    let (before, after) = (BEFORE.get(index.checked_sub(1)?)?, BEFORE.get(index)?);
    let length = after.saturating_sub(*before).saturating_add(i64::from(is_leap && month == 2));
    if day < 1 || day > length {
        return None;
    }
    let last = year.saturating_sub(1);
    let leaps =
        if year == 0 { 0 } else { (last / 4).saturating_sub(last / 100).saturating_add(last / 400).saturating_add(1) };
    let of_year = before.saturating_add(day).saturating_sub(1).saturating_add(i64::from(is_leap && month > 2));
    Some(year.saturating_mul(365).saturating_add(leaps).saturating_add(of_year).saturating_sub(EPOCH))
}

/// Numbers of so many digits, with a mark between them.
fn numbers<const N: usize>(text: &str, mark: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(mark);
    for (number, count) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        let is_number = part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| is_number)?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_days_are_counted_since_1970() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T00:00:00Z", Some(951_782_400)),
            ("2024-06-01T12:00:00Z", Some(1_717_243_200)),
            ("2024-06-01t14:00:00.123456789+02:00", Some(1_717_243_200)),
            ("2024-06-01T11:30:00-00:30", Some(1_717_243_200)),
            ("2016-12-31T23:59:60Z", Some(1_483_228_800)),
            ("1969-12-31T23:59:59Z", Some(-1)),
            ("0000-01-01T00:00:00Z", Some(-62_167_219_200)),
            ("9999-12-31T23:59:59Z", Some(253_402_300_799)),
            ("2024-06-01 12:00:00Z", None),
            ("2024-06-01T12:00:00", None),
            ("2024-06-01T12:00:00.Z", None),
            ("2024-06-01T24:00:00Z", None),
            ("2024-06-01T12:60:00Z", None),
            ("2024-06-01T12:00:00+2:00", None),
            ("2024-06-01T12:00:00+24:00", None),
            ("", None),
            ("2024-06-0éT12:00:00Z", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("1970-03-01", Some(59)),
            ("1972-03-01", Some(790)),
            ("2023-02-29", None),
            ("1900-02-29", None),
            ("2024-00-01", None),
            ("2024-13-01", None),
            ("2024-04-31", None),
            ("2024-4-1", None),
            ("2024-04-01-", None),
        ] {
            assert_eq!(days(text), expected, "{text}");
        }
    }

    #[test]
    fn every_day_is_one_after_the_one_before() {
        let mut expected = days("1899-12-31").unwrap();
        for year in 1900..2101 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Some(number) = days(&format!("{year:04}-{month:02}-{day:02}")) {
                        expected += 1;
                        assert_eq!(number, expected, "{year}-{month}-{day}");
                    }
                }
            }
        }
    }
}
