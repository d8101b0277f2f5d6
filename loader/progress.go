package loader

// Progress says how far a load is.
type Progress struct {
	// File is what is read, and Step what for.
	File string
	Step string
	// Rows were read of it in this step.
	Rows int
	// Done and Whole are bytes of all readings of files, as far as they are foreseen. Done is at most Whole.
	Done, Whole int64
}
