// Package explain answers one question from the tables of a run: why does this
// subject stand where it stands. It decides nothing. It reads what transforms
// and evaluators left behind, follows every point to the record, document,
// batch, file and line it came from and to the rule and its citation, and
// refuses to speak when the points do not add up to the score or a point has no
// record that counts. An enterprise that asks at the counter, and an officer
// who must answer, are entitled to no less (个人信息保护法第二十四条 asks the
// same of automated decisions on persons).
//
// The answer is an [Explanation]: JSON for machines, WriteText for people.
package explain
