package loader

import "context"

func (l *load) writeRejects(context.Context) error { return nil }
