package network

import "math"

// layoutRounds is how often all positions are improved.
const layoutRounds = 60

// layout places nodes in a square of 1000 by 1000 so that what is joined lies together and the rest apart: the forces of Fruchterman and
// Reingold, with repulsion only from what lies near. It starts from a spiral by number, so that the same graph is always drawn the same.
func layout(nodes int, links [][2]int) [][2]float64 {
	const side = 1000.0
	at, force := make([][2]float64, nodes), make([][2]float64, nodes)
	for i := range at {
		radius, angle := side/2*math.Sqrt((float64(i)+0.5)/float64(nodes)), float64(i)*math.Pi*(3-math.Sqrt(5))
		at[i] = [2]float64{side/2 + radius*math.Cos(angle), side/2 + radius*math.Sin(angle)}
	}
	ideal := side / math.Sqrt(float64(max(nodes, 1)))
	cells := max(1, int(side/(2*ideal)))
	cell := func(p [2]float64) (x, y int) {
		in := func(v float64) int { return min(max(int(v/side*float64(cells)), 0), cells-1) }
		return in(p[0]), in(p[1])
	}
	grid := make([][]int, cells*cells)
	for round := range layoutRounds {
		for i := range grid {
			grid[i] = grid[i][:0]
		}
		for i, p := range at {
			x, y := cell(p)
			grid[y*cells+x] = append(grid[y*cells+x], i)
			// Towards the middle, so that parts that nothing joins do not drift apart.
			force[i] = [2]float64{(side/2 - p[0]) * 0.02, (side/2 - p[1]) * 0.02}
		}
		for i, p := range at {
			cx, cy := cell(p)
			for y := max(cy-1, 0); y <= min(cy+1, cells-1); y++ {
				for x := max(cx-1, 0); x <= min(cx+1, cells-1); x++ {
					near := grid[y*cells+x]
					for _, j := range near[:min(len(near), 64)] { // a heap of nodes in one cell parts in the next rounds
						dx, dy := p[0]-at[j][0], p[1]-at[j][1]
						square := dx*dx + dy*dy
						if i == j {
							continue
						}
						if square < 0.01 { // two at one point part by number
							dx, dy, square = float64(i-j), 0.1, 1
						}
						f := ideal * ideal / square
						force[i][0] += dx * f
						force[i][1] += dy * f
					}
				}
			}
		}
		for _, l := range links {
			dx, dy := at[l[0]][0]-at[l[1]][0], at[l[0]][1]-at[l[1]][1]
			f := math.Sqrt(dx*dx+dy*dy) / ideal
			force[l[0]][0] -= dx * f
			force[l[0]][1] -= dy * f
			force[l[1]][0] += dx * f
			force[l[1]][1] += dy * f
		}
		most := side / 10 * (1 - float64(round)/layoutRounds)
		for i := range at {
			size := math.Hypot(force[i][0], force[i][1])
			if size == 0 {
				continue
			}
			step := min(size, most) / size
			for axis := range 2 {
				at[i][axis] = min(max(at[i][axis]+force[i][axis]*step, 0), side)
			}
		}
	}
	for i := range at {
		for axis := range 2 {
			at[i][axis] = math.Round(at[i][axis]*10) / 10
		}
	}
	return at
}
