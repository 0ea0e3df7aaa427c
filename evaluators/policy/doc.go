/*
Package policy tells what a change of rules would do to everybody, and whether
that is more than the limits in force allow. It takes a comparison of two runs of
the same facts, one by the rules in force, one by those proposed, and the text of
both; what it finds is an [Impact]: a matrix of classes, who moves and why, by
division, industry and size, how stable the scores are, what it costs in
inspections, and each limit that is passed.

Counts are integers and limits are compared as integers. Only the stability index
has a logarithm in it; it is rounded to four decimals before it is compared.
*/
package policy
