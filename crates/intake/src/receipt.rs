//! What a till may print under a sale: its points, the reward that came within reach, and the member's own link.

use loyalty::rules::Move;

/// What became of a sale, as far as a receipt tells it.
pub struct Told<'a> {
    /// What the rules made of it.
    pub move_: Move,
    /// What it brought.
    pub points: i64,
    /// What the member has right after it.
    pub balance: i64,
    /// The reward that came within reach.
    pub announces: Option<&'a str>,
    /// The member's link for friends; none in a shop without a relay.
    pub link: Option<&'a str>,
}

/// The lines, in English. A sender that speaks another language makes its own from the answer's other fields.
pub fn lines(told: &Told<'_>) -> Vec<String> {
    let first = match told.move_ {
        Move::Hold => "The points for this purchase follow after a check.".to_owned(),
        Move::Skip => format!("{}.", points(told.balance)),
        Move::Add | Move::AddReward => format!("{} for this purchase, {} in all.", points(told.points), told.balance),
    };
    let reward = told.announces.map(|reward| format!("Within reach: {reward}."));
    let link = told.link.map(|link| format!("Bring a friend: {link}"));
    [Some(first), reward, link].into_iter().flatten().collect()
}

fn points(points: i64) -> String {
    format!("{points} point{}", if points == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_what_the_sale_brought() {
        let mut told = Told {
            move_: Move::AddReward,
            points: 1,
            balance: 100,
            announces: Some("Free coffee"),
            link: Some("https://example.com/ref/qk7byefr6"),
        };
        let whole = [
            "1 point for this purchase, 100 in all.",
            "Within reach: Free coffee.",
            "Bring a friend: https://example.com/ref/qk7byefr6",
        ];
        assert_eq!(lines(&told), whole);
        (told.announces, told.link) = (None, None);
        told.move_ = Move::Skip;
        assert_eq!(lines(&told), ["100 points."]);
        told.move_ = Move::Hold;
        assert_eq!(lines(&told), ["The points for this purchase follow after a check."]);
    }
}
