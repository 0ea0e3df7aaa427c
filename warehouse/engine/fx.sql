-- What differs between engines, defined once for DuckDB. Every name here has
-- the meaning its comment gives, on every engine the models may run on.

-- The lower-case hexadecimal SHA-256 of a text.
create or replace macro fx_sha256(s) as sha256(s);

-- The date n months after d; the last day of a shorter month when d's day does not exist there.
create or replace macro fx_add_months(d, n) as cast(d + to_months(cast(n as integer)) as date);

-- The date n days after d.
create or replace macro fx_add_days(d, n) as cast(d + to_days(cast(n as integer)) as date);

-- Whether s holds the regular expression re, in the syntax common to RE2 and Java.
create or replace macro fx_like_re(s, re) as regexp_matches(s, re);

-- The first n characters of s.
create or replace macro fx_left(s, n) as substr(s, 1, n);

-- a / b rounded half away from zero, exactly, for integers; NULL when b is 0.
create or replace macro fx_div_round(a, b) as
    case when b = 0 then null
         else cast(sign(a) * sign(b) as bigint) * ((abs(cast(a as bigint)) * 2 + abs(cast(b as bigint))) // (abs(cast(b as bigint)) * 2))
    end;

-- How often b goes into a, for integers a of 0 or more and b of 1 or more.
create or replace macro fx_div_floor(a, b) as cast(a as bigint) // cast(b as bigint);

-- The form in which two ways of writing a name are equal: half-width, letters as capitals, round brackets, no blanks, no ※.
create or replace macro fx_name_key(s) as translate(s,
    '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～abcdefghijklmnopqrstuvwxyz[{〔【〈《]}〕】〉》' || '　 ※' || chr(9) || chr(160),
    '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ(\)^_`ABCDEFGHIJKLMNOPQRSTUVWXYZ(|)~ABCDEFGHIJKLMNOPQRSTUVWXYZ(((((())))))');
