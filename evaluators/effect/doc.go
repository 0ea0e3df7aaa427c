// Package effect measures whether an order of inspection works: whether those
// it puts first are those where something is found. It judges the classes of
// past draws by their results, and any other order by a table of (order, score,
// outcome[, day]). It reads no warehouse and knows no day of its own.
//
// # What is measured
//
// Of n inspected objects p had a problem. Objects of equal score stand in no
// order among themselves: each counts as the mean over all their orders, so that
// four classes are measured by the same arithmetic as a fine score.
//
//   - Area under the curve: the share of pairs of one object with a problem and
//     one without in which the former has the higher score; equal scores count
//     half. 50% is chance.
//   - Share found in the first half: of all problems, those among the first n/2
//     objects. The middle object of an odd number counts half.
//   - Days sooner: the days on which inspections were made stay as they were and
//     are given out anew in the order of the score; a problem's gain is its day
//     in the plain order less its new one, and the mean of it is told.
//   - Hit rate: problems of objects inspected, with Wilson's interval.
//   - Lift: a class's hit rate as a multiple of that of the control share, which
//     was drawn from all candidates alike.
//
// The classes of a draw decide how often they are drawn, so its rows together
// say nothing of the city. Area, first half and days of a draw are therefore of
// its control share alone, against an order by chance.
//
// # Intervals
//
// All intervals are of 95%. Wilson's is computed in software arithmetic of 128
// bits. The others are percentiles of 1,000 resamples of the rows with
// replacement, from the public seed that Seed gives; a resample in which a
// figure does not exist is left out, and where more than one in ten is, there is
// no interval. Everything else is whole-number arithmetic, rounded half up at
// the end, so the same rows give the same figures on every machine.
package effect
