//! The relay's tests: real processes, real HTTP, both databases.
