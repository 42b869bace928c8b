//! Any bytes and anything like CSV: nothing panics, nothing is lost, and how the bytes arrive does not matter.

use pos::file::{Mapping, MembersReader, SalesReader};
use proptest::prelude::*;

use crate::{HEADER, context, rejects, sales, sales_by, summary};

proptest! {
    #[test]
    fn never_panics_and_ends(bytes in prop::collection::vec(any::<u8>(), 0..400), delimiter in ",|;|\t") {
        let mut file = HEADER.replace(',', &delimiter).into_bytes();
        file.extend(&bytes);
        let mapping = Mapping { delimiter: delimiter.chars().next().unwrap(), ..Mapping::default() };
        let rows = sales_by(&file, &mapping);
        prop_assert!(rows.len() <= bytes.len());
        prop_assert!(rows.windows(2).all(|two| two[0].line < two[1].line));
        let _ = MembersReader::new(&bytes[..], &mapping, context()).map(|reader| reader.count());
    }

    #[test]
    fn never_panics_on_what_looks_like_csv(text in "[a-z0-9,\"\r\n ]{0,300}") {
        let rows = sales(&format!("{HEADER}{text}"));
        // Writing what was refused and reading it again refuses the same rows.
        let out = rejects(format!("{HEADER}{text}").as_bytes(), &Mapping::default());
        let refused = rows.iter().filter(|r| r.outcome.is_err()).count();
        if refused > 0 {
            let again = sales_by(&out, &Mapping::default());
            prop_assert!(again.len() == refused);
        }
    }

    #[test]
    fn how_the_bytes_arrive_does_not_matter(text in "[a-z,\"\r\n]{0,200}", size in 1_usize..9) {
        struct Drip<'a>(&'a [u8], usize);
        impl std::io::Read for Drip<'_> {
            fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
                let n = self.1.min(self.0.len()).min(to.len());
                to[..n].copy_from_slice(&self.0[..n]);
                self.0 = &self.0[n..];
                Ok(n)
            }
        }
        let file = format!("{HEADER}{text}");
        let drip = Drip(file.as_bytes(), size);
        let slow: Vec<_> = SalesReader::new(drip, &Mapping::default(), context()).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(summary(&slow), summary(&sales(&file)));
    }

    #[test]
    fn what_is_written_is_read_back(
        sale_id in "[!-~]{1,20}", minor in 0_i64..1_000_000_000, when in 0_i64..4_102_444_800_000, name in "[a-zA-Z\", ]{1,20}",
    ) {
        prop_assume!(!name.trim().is_empty());
        let total = loyalty::Money::new(minor, context().currency);
        let at = loyalty::UtcMs(when);
        let mut out = csv::Writer::from_writer(HEADER.as_bytes().to_vec());
        out.write_record([&sale_id, &at.rfc3339(), "+16195550123", &total.plain(), &name]).unwrap();
        let rows = sales_by(&out.into_inner().unwrap(), &Mapping::default());
        let sale = rows[0].outcome.as_ref().unwrap();
        prop_assert_eq!((&sale.sale_id, sale.total, sale.occurred_at), (&sale_id, total, at));
        prop_assert_eq!(&sale.items[0].name, name.trim());
    }
}
