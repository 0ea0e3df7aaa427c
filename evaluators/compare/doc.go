/*
Package compare holds two runs side by side and says who moved from class to
class, and why. A change of rules is shown with it before it is made, and any
two runs of the line after they were.

# Classes

A subject stands in a class 1 to 4, [Out] of the list (revoked, deregistered,
moved away), or is [Absent], not registered in that run. It moved when the two
differ.

# Causes

The cause is read backwards from the class: the override that sets it, else the
public grade and the industry level that the matrix crossed, and behind a
computed grade the contributions of its scorecard. Only what bears on the class
of that subject is named: a new record that no deciding scheme counts is no
cause. A move has every cause that bore on it, and the first of them in this
fixed order is its main one:

	registration  the register: came, went, or another state
	override      a severe list, a manual change …, came or went
	record        a record came, lapsed, was repaired, withdrawn, corrected …
	public        another national grade
	industry      another imported industry grade, or its result came or went
	rule          a rule that says something else
	other         none of these could be told

Where both runs read the same batches for the same day, what changed a state of
a record is a rule. Everything is SQL over stored rows of the two runs; nothing
is evaluated again. It is kept in causes.sql, one temporary table a step.
*/
package compare
