// Names that the build puts in.
/** True where the in-browser shop is part of the build (development, page tests). */
declare const __FAKE_BACKEND__: boolean;
