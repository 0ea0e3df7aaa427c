/*
Package courier hands batches over on a disk that a person carries across an air
gap, and takes in the package that comes back.

# The interface, for a platform's engineer

A package is one ZIP file, numbered without a gap for each receiver:

	city_platform-000007.zip

Its first member is package.json, a note as the package comment of
pipelines/transport/note defines it; a signature or a MAC is always agreed. The
other members are the files of drop folders, as the package comment of
pipelines/transport/drop defines them, under out/ in a package of batches and
under return/ in a package of answers. There are no folders within folders and no
other members. The members of the note:

	kind      package, or returned for a package of answers
	format    1
	receiver  the agreed name of the receiving platform
	source    cd_source, the sender of the batches; in both kinds
	number    of the package, from 1, without a gap
	previous  SHA-256 of the first line of package.json of the package before; 64
	          zeros for number 1
	sealed_on the day it was made, 2026-04-01
	files     [{"name": "out/…", "bytes": …, "sha256": …, "sm3": …}, …], all other members
	          in the order of the archive; sm3 where that digest is agreed
	received  of a package of answers: [{"number": 7, "digest": …, "result": "taken"}, …],
	          the packages that came since the last package of answers. digest is
	          SHA-256 of the first line of package.json; result is taken, repeated or
	          refused, the last with code and message

Numbers of packages of batches and of packages of answers are two rows of numbers.

Whoever receives a package checks, in this order, before it uses anything of it:

 1. the bounds below, on the directory of the archive
 2. the MAC or signature of package.json
 3. kind, receiver and source: a package for someone else is refused (RECEIVER)
 4. number and previous: one that was taken before has no further effect, and
    with another digest it is refused (CHAIN); one whose predecessor has not
    come is left until it has (MISSING)
 5. each member: name, bytes and digests (ALTERED)

A package is taken whole or not at all. A lost disk is no loss: the package still
lies with the sender, and is carried again.

# Bounds

At most 20,000 members with names of up to 200 characters; each member at most 64
MB, a list of keys 8 GB; 16 GB unpacked in all and, from 64 MB on, no more than 100
times the archive. Members are stored or deflated, not encrypted; data files are
sealed one by one where a sealed body is agreed.
*/
package courier
