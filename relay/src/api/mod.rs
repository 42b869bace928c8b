//! The tills' protocol over HTTP: pairing, tills, sync. Each request is checked here and carried out by `store`.
