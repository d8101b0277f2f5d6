package analytics

import "context"

// BacktestAnswer says how good forecasts from a day in the past would have been.
type BacktestAnswer struct {
	Status    Completeness
	At, Until string
	Tasks     []BacktestTask
	Left      Left
}

// BacktestTask is a question put to the past: ALL, whether a unit is seen with a commodity after the day, again or for the first time; or NEW,
// whether it is seen with one that it was not seen with before.
type BacktestTask struct {
	Task string
	// LearntFrom is how many pairs before the day were learnt from, of which Came came about; Pairs and Positives are those after it.
	LearntFrom, Came, Pairs, Positives int
	TooFew                             string
	Scores                             []BacktestScore
	// Evidence is what made the positives.
	Evidence []Evidence
}

// BacktestScore is how good a way to forecast was.
type BacktestScore struct {
	// Model is RELATEDNESS, or one of the baselines POPULARITY and PERSISTENCE.
	Model       string
	Auc         Effect
	Brier       float64
	PrecisionAt float64
	Calibration []Bin
}

// Backtest forecasts from a day in the past with what was known by then, and compares with what came. Two baselines stand beside the model: POPULARITY
// says of every commodity how often it came about before, whatever the unit; PERSISTENCE says of a unit's own commodities how often such
// came again, of others how often such came. k is for the precision.
//
// What was known by then is what sources date to then, whenever they said so: a lens with knownAt keeps to what was on record.
func Backtest(ctx context.Context, h Histories, at, horizon int64, k int) BacktestAnswer {
	p := newPanel(h)
	answer := BacktestAnswer{Status: Complete, At: dayText(at), Until: dayText(at + horizon), Tasks: []BacktestTask{}, Left: p.left}
	for _, fresh := range []bool{false, true} {
		t := BacktestTask{Task: "ALL", Scores: []BacktestScore{}, Evidence: []Evidence{}}
		if fresh {
			t.Task = "NEW"
		}
		if !t.measure(ctx, p, at, horizon, k, fresh) {
			answer.Status, t.TooFew = BudgetExhausted, "the time was not enough"
		}
		answer.Tasks = append(answer.Tasks, t)
	}
	return answer
}

// measure says whether it came to an end.
func (t *BacktestTask) measure(ctx context.Context, p *panel, at, horizon int64, k int, fresh bool) bool {
	learnt, tooFew := p.learn(ctx, at, horizon, fresh)
	if ctx.Err() != nil {
		return false
	}
	t.LearntFrom, t.Came, t.TooFew = len(learnt.happened), learnt.positives(), tooFew
	if tooFew != "" {
		return true
	}
	then := p.moment(at, horizon)
	if t.TooFew = then.tooMany(); t.TooFew != "" {
		return true
	}
	test := &cases{}
	test.add(ctx, p, then, horizon, fresh)
	if ctx.Err() != nil {
		return false
	}
	t.Pairs, t.Positives = len(test.happened), test.positives()
	if t.Positives == 0 || t.Positives == t.Pairs {
		t.TooFew = "after that day nothing came about, or all of it: there is nothing to tell apart"
		return true
	}
	model, known := fit(ctx, featureCount, learnt.rows, learnt.happened)
	if ctx.Err() != nil {
		return false
	}
	if !known {
		t.TooFew = "the past gives no stable model"
		return true
	}
	related := make([]float64, t.Pairs)
	x := make([]float64, featureCount+1)
	for i := range related {
		model.scaled(test.rows[i*featureCount:(i+1)*featureCount], x)
		related[i] = model.at(x)
	}
	popular := rates(learnt, test, len(p.commodities), func(c *cases, i int) int { return c.pairs[i].commodity })
	persistent := rates(learnt, test, 2, func(c *cases, i int) int { return either(c.has[i]) })
	for _, way := range []struct {
		model         string
		probabilities []float64
	}{{"RELATEDNESS", related}, {"POPULARITY", popular}, {"PERSISTENCE", persistent}} {
		t.Scores = append(t.Scores, BacktestScore{
			Model: way.model, Auc: *areaInterval(way.probabilities, test.happened), Brier: Brier(way.probabilities, test.happened),
			PrecisionAt: PrecisionAt(way.probabilities, test.happened, k), Calibration: Calibration(way.probabilities, test.happened),
		})
	}
	came := map[pairNumber]bool{}
	for i, h := range test.happened {
		if h {
			came[test.pairs[i]] = true
		}
	}
	var claims []Claim
	for u, said := range p.statements {
		for _, s := range said {
			if s.day > at && s.day <= at+horizon && came[pairNumber{u, s.commodity}] {
				claims = append(claims, s.claim)
			}
		}
	}
	t.Evidence = EvidenceOf(claims)
	return true
}

// rates gives every case of a test how often those of its class came about before, with one case more at the rate of all, so that nothing is taken for impossible.
func rates(learnt, test *cases, classes int, class func(c *cases, i int) int) []float64 {
	came, all := make([]float64, classes), make([]float64, classes)
	base := float64(learnt.positives()) / float64(len(learnt.happened))
	for i, h := range learnt.happened {
		came[class(learnt, i)] += float64(either(h))
		all[class(learnt, i)]++
	}
	out := make([]float64, len(test.happened))
	for i := range out {
		k := class(test, i)
		out[i] = (came[k] + base) / (all[k] + 1)
	}
	return out
}
