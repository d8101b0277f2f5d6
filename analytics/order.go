package analytics

import "slices"

func sorted[T any](list []T, compare func(a, b T) int) { slices.SortFunc(list, compare) }

// listed puts a list in order and cuts it; the order must be total. 0 cuts nothing.
func listed[T any](list []T, first int, compare func(a, b T) int) ([]T, Completeness) {
	sorted(list, compare)
	if first > 0 && len(list) > first {
		return list[:first], Truncated
	}
	return list, Complete
}

func either(b bool) int {
	if b {
		return 1
	}
	return 0
}
