/* SPDX-License-Identifier: Apache-2.0
 * Every detector marks bytes of the text; the marked ones are replaced in one pass at the end. */
#include "proto/text/personal.h"

#include <ctype.h>
#include <string.h>

enum mark { MARK_NONE, MARK_EMAIL, MARK_PHONE, MARK_USER, MARK_DOCUMENT, MARK_HOST };

static const char *const replacements[] = {[MARK_EMAIL] = "[email]",
	[MARK_PHONE] = "[phone]",
	[MARK_USER] = "[user]",
	[MARK_DOCUMENT] = "[document]",
	[MARK_HOST] = "[host]"};

struct scan {
	const char *p;
	size_t len;
	uint8_t mark[PERSONAL_TEXT]; /* enum mark */
	bool is_marked;
};

static bool is_letter(char c)
{
	return isalpha((unsigned char)c) != 0 || ((unsigned char)c & 0x80) != 0;
}

static bool is_number(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
	return is_letter(c) || is_number(c);
}

static void put_mark(struct scan *s, size_t from, size_t to, enum mark mark)
{
	memset(s->mark + from, (int)mark, to - from);
	s->is_marked = true;
}

/* ---- e-mail addresses ---- */

/* RFC 5322's atoms without those that stand between words in printers' texts. */
static bool is_local(char c)
{
	return is_word(c) || strchr("._%+-'", c) != NULL;
}

/* A domain begins with a letter, or with a digit if its last label is of two letters or more:
 * "163.com", but not the "80gsm" of a paper. */
static bool is_domain(const char *p, size_t len)
{
	size_t letters = 0, dots = 0;
	if (len > 1 && is_letter(p[0]))
		return true;
	/* An address: "bob@10.1.2.3". */
	for (size_t i = 0; i < len; i++)
		dots += p[i] == '.';
	if (dots == 3)
		return true;
	while (letters < len && is_letter(p[len - 1 - letters]))
		letters++;
	return letters >= 2 && letters < len && p[len - 1 - letters] == '.' && is_number(p[0]);
}

/* The '@' of `width` bytes begins at `at`: local@domain, "a b"@domain, local@[address]. */
static void find_email(struct scan *s, size_t at, size_t width)
{
	size_t from = at, to = at + width;
	bool is_quoted = at > 1 && s->p[at - 1] == '"';
	if (to < s->len && s->p[to] == '[') {
		const char *end = memchr(s->p + to, ']', s->len - to);
		size_t behind = end == NULL ? to : (size_t)(end - s->p) + 1;
		while (from > 0 && s->p[from - 1] != '\0' && is_local(s->p[from - 1]))
			from--;
		if (from < at && behind > to)
			put_mark(s, from, behind, MARK_EMAIL);
		return;
	}
	if (is_quoted) {
		for (from = at - 1; from > 0 && s->p[from - 1] != '"';)
			from--;
		from -= from > 0;
	}
	while (from > 0 && s->p[from - 1] != '\0' && is_local(s->p[from - 1]))
		from--;
	while (to < s->len && s->p[to] != '\0' &&
		(is_word(s->p[to]) || s->p[to] == '.' || s->p[to] == '-'))
		to++;
	while (to > at + width && (s->p[to - 1] == '.' || s->p[to - 1] == '-'))
		to--;
	/* A quote before '@' may as well end another text: `value: "@PJL`. */
	if (is_quoted && memchr(s->p + at, '.', to - at) == NULL)
		return;
	if (from < at && is_domain(s->p + at + width, to - at - width))
		put_mark(s, from, to, MARK_EMAIL);
}

/* ---- words before a place ---- */

/* The word that ends before `at`, blanks and the characters of `between` passed over. */
static struct text word_before(const struct scan *s, size_t at, const char *between)
{
	size_t to = at;
	while (to > 0 && s->p[to - 1] != '\0' && strchr(between, s->p[to - 1]) != NULL)
		to--;
	size_t from = to;
	while (from > 0 && is_word(s->p[from - 1]))
		from--;
	return (struct text){s->p + from, to - from};
}

static bool is_one_of(struct text word, const char *const *list)
{
	for (; *list != NULL; list++) {
		if (text_is_equal_nocase(word, text_of(*list)))
			return true;
	}
	return false;
}

/* ---- telephone numbers ---- */

static bool is_phone_part(char c)
{
	return is_number(c) || (c != '\0' && strchr(" ()-./", c) != NULL);
}

/* The groups of digits of a number: "555-123-4567" has {3, 3, 4}. */
struct groups {
	unsigned count;
	unsigned digits;
	unsigned len[8];
};

/* From `at` to the end of the number; two separators that are no bracket end it. Dots are only
 * between the groups of an international number: elsewhere they are of versions. */
static size_t read_groups(const struct scan *s, size_t at, bool has_dots, struct groups *g)
{
	size_t end = at;
	bool is_in = false;
	*g = (struct groups){0};
	for (size_t i = at; i < s->len && is_phone_part(s->p[i]); i++) {
		if (s->p[i] == '.' && !has_dots)
			break;
		if (!is_number(s->p[i])) {
			if (!is_in && i > at && strchr("()", s->p[i]) == NULL &&
				strchr("()", s->p[i - 1]) == NULL)
				break;
			is_in = false;
			continue;
		}
		if (!is_in && g->count == sizeof g->len / sizeof g->len[0])
			break;
		if (!is_in)
			g->count++;
		is_in = true;
		g->len[g->count - 1]++;
		g->digits++;
		end = i + 1;
	}
	return end;
}

/* 555-123-4567, 1-800-555-1234: of the North American plan, which needs no word before it. */
static bool is_north_american(const struct scan *s, size_t at, size_t end, const struct groups *g)
{
	unsigned n = g->count;
	bool is_form = (n == 3 || (n == 4 && g->len[0] == 1)) && g->len[n - 3] == 3 &&
		       g->len[n - 2] == 3 && g->len[n - 1] == 4;
	for (size_t i = at; i < end && is_form; i++)
		is_form = s->p[i] != '/';
	return is_form;
}

static bool is_after_phone_word(const struct scan *s, size_t at, bool has_fax)
{
	static const char *const fax[] = {"fax", "telefax", NULL};
	static const char *const words[] = {"tel", "phone", "telephone", "telefon", "mobile",
		"mobil", "cell", "call", "calling", "dial", "dialing", "hotline", "helpdesk", "ext",
		"durchwahl", "ph", "mob", "handy", "rufnummer", "tél", "téléphone", "teléfono",
		"telefono", "telefone", "telefoon", "тел", "телефон", "电话", "電話", NULL};
	static const char *const fillers[] = {"no", "nr", "number", "nummer", "to", "an", NULL};
	static const char between[] = " .:=#+(";
	struct text word = word_before(s, at, between);
	for (int i = 0; i < 2 && is_one_of(word, fillers); i++)
		word = word_before(s, (size_t)(word.p - s->p), between);
	return is_one_of(word, words) || (has_fax && is_one_of(word, fax));
}

/* `at` is a '+', a '(' or the first digit of a number. */
static void find_phone(struct scan *s, size_t at)
{
	struct groups g;
	bool is_plus = s->p[at] == '+';
	if (at > 0 && (is_word(s->p[at - 1]) || s->p[at - 1] == '.' || s->p[at - 1] == '+'))
		return;
	size_t end = read_groups(s, at + is_plus, is_plus, &g);
	/* After such a word dots are between groups too: "call 555.123.4567". Not after "fax", a
	 * unit that has versions: "FAX 11.20.55". */
	if (!is_plus && end < s->len && s->p[end] == '.' && is_after_phone_word(s, at, false))
		end = read_groups(s, at, true, &g);
	bool is_part = end + 1 < s->len && s->p[end] == '.' && is_number(s->p[end + 1]);
	if (g.digits < 5 || is_part || (end < s->len && is_word(s->p[end])))
		return;
	bool is_international = is_plus && g.digits >= 7 && g.digits <= 15;
	/* "(089) 1234567" */
	bool is_bracketed = s->p[at] == '(' && g.count > 1 && g.len[0] >= 2 && g.len[0] <= 5 &&
			    s->p[at + 1] == '0' && g.digits >= 7 && g.digits <= 15;
	if (is_international || is_bracketed || is_north_american(s, at, end, &g) ||
		(g.digits <= 15 && is_after_phone_word(s, at, true)))
		put_mark(s, at, end, MARK_PHONE);
}

/* ---- users and documents, by the word before a colon or an equals sign ---- */

static const char *const user_words[] = {"user", "username", "userid", "owner", "jobowner", "login",
	"logon", "author", "sender", "operator", "benutzer", "benutzername", "eigentümer",
	"besitzer", "absender", "utilisateur", "usuario", "utente", "proprietario", "utilizador",
	"gebruiker", "użytkownik", "uživatel", "användare", "bruker", "bruger", "käyttäjä",
	"felhasználó", "пользователь", "ユーザー", "ユーザー名", "所有者", "用户", "用户名",
	"使用者", "사용자", NULL};
static const char *const document_words[] = {"document", "documentname", "docname", "doc", "job",
	"jobname", "filename", "dokument", "title", "dateiname", "auftrag", "auftragsname",
	"fichier", "trabajo", "documento", "文書", "ジョブ名", "文档", NULL};
/* The ends of names in one word: "jobOriginatingUserName". */
static const char *const user_ends[] = {"username", "userid", "owner", NULL};
static const char *const document_ends[] = {"jobname", "documentname", "filename", NULL};
/* "user name: bob", "job owner = bob" */
static const char *const second_words[] = {"name", "id", "title", NULL};

/* Words that say a state in place of a name. */
static const char *const no_names[] = {"none", "unknown", "null", "on", "off", "yes", "no", "true",
	"false", "all", "any", "ready", "error", "cancel", "canceled", "cancelled", "complete",
	"completed", "printing", "waiting", "held", "pending", "stopped", "aborted", "processing",
	"deleted", "required", "intervention", NULL};

/* The end of a value that begins at `at`: of a quoted one behind the quote. A user's name of
 * several words goes on with words that begin as names do; a document's name may have blanks. */
static size_t value_end(const struct scan *s, size_t at, enum mark mark)
{
	const char *stops = mark == MARK_DOCUMENT ? ",;|)]}>\"\n\r\t" : " ,;|)]}>\"\n\r\t";
	char quote = at < s->len ? s->p[at] : '\0';
	if (quote == '"' || quote == '\'') {
		const char *end = memchr(s->p + at + 1, quote, s->len - at - 1);
		return end == NULL ? s->len : (size_t)(end - s->p) + 1;
	}
	size_t i = at;
	while (i < s->len) {
		while (i < s->len && s->p[i] != '\0' && strchr(stops, s->p[i]) == NULL)
			i++;
		bool is_more = i + 1 < s->len && s->p[i] == ' ' &&
			       isupper((unsigned char)s->p[at]) != 0 &&
			       isupper((unsigned char)s->p[i + 1]) != 0;
		if (!is_more)
			break;
		i++;
	}
	return i;
}

static bool ends_with_one_of(struct text word, const char *const *list)
{
	for (; *list != NULL; list++) {
		struct text end = text_of(*list);
		if (word.len > end.len &&
			text_is_equal_nocase(
				(struct text){word.p + word.len - end.len, end.len}, end))
			return true;
	}
	return false;
}

/* The key may be quoted: {"user":"bob"}. */
static enum mark kind_of_key(const struct scan *s, size_t colon)
{
	struct text word = word_before(s, colon, " \"'");
	if (is_one_of(word, user_words) || ends_with_one_of(word, user_ends))
		return MARK_USER;
	if (is_one_of(word, document_words) || ends_with_one_of(word, document_ends))
		return MARK_DOCUMENT;
	if (!is_one_of(word, second_words))
		return MARK_NONE;
	word = word_before(s, (size_t)(word.p - s->p), " -_");
	return is_one_of(word, user_words)       ? MARK_USER
	       : is_one_of(word, document_words) ? MARK_DOCUMENT
						 : MARK_NONE;
}

/* The colon or equals sign of `width` bytes. */
static void find_value(struct scan *s, size_t colon, size_t width)
{
	enum mark mark = kind_of_key(s, colon);
	size_t from = colon + width;
	if (mark == MARK_NONE)
		return;
	while (from < s->len && s->p[from] == ' ')
		from++;
	size_t to = value_end(s, from, mark);
	struct text value = {s->p + from, to - from};
	/* "Job: 17" is a number, "User: none" a state. */
	bool has_letter = false;
	for (size_t i = from; i < to; i++)
		has_letter = has_letter || is_letter(s->p[i]);
	bool is_number_of_job = !has_letter && mark == MARK_DOCUMENT;
	bool is_replaced = value.len > 0 && value.p[0] == '[';
	if (value.len > 0 && !is_number_of_job && !is_replaced && !is_one_of(value, no_names))
		put_mark(s, from, to, mark);
}

/* ---- users without such a sign ---- */

/* Of a Windows account, a path's part or a user's name. */
static bool is_name(char c)
{
	return is_word(c) || (c != '\0' && strchr("._-$", c) != NULL);
}

static size_t name_end(const struct scan *s, size_t at)
{
	while (at < s->len && is_name(s->p[at]))
		at++;
	while (at > 0 && s->p[at - 1] == '.')
		at--;
	return at;
}

/* "\\nReady" may be a written line end: then the domain must be in capitals. */
static bool is_domain_sure(const struct scan *s, size_t from, size_t at)
{
	for (size_t i = from; i < at; i++) {
		if (islower((unsigned char)s->p[i]) != 0)
			return strchr("nrt", s->p[at + 1]) == NULL;
	}
	return at - from >= 3 || strchr("nrt", s->p[at + 1]) == NULL;
}

/* CORP\bob */
static void find_account(struct scan *s, size_t at)
{
	size_t from = at, to = name_end(s, at + 1);
	while (from > 0 && is_name(s->p[from - 1]))
		from--;
	if (at >= from + 2 && to >= at + 3 && is_letter(s->p[from]) && is_letter(s->p[from + 1]) &&
		is_letter(s->p[at + 1]) && is_letter(s->p[at + 2]) && is_domain_sure(s, from, at))
		put_mark(s, from, to, MARK_USER);
}

/* \\server\share\bob goes as a whole. Returns whether it is one. */
static bool find_share(struct scan *s, size_t at)
{
	size_t to = at + 2;
	while (to < s->len && is_name(s->p[to]))
		to++;
	if (to == at + 2 || to + 1 >= s->len || s->p[to] != '\\' || !is_name(s->p[to + 1]))
		return false;
	while (to < s->len && s->p[to] != '\0' && strchr(" ,;\"'<>", s->p[to]) == NULL)
		to++;
	put_mark(s, at, to, MARK_DOCUMENT);
	return true;
}

static void find_backslash(struct scan *s, size_t at)
{
	bool is_share = at + 1 < s->len && s->p[at + 1] == '\\' && find_share(s, at);
	if (!is_share && s->mark[at] == MARK_NONE)
		find_account(s, at);
}

/* The name behind /home/, /Users/ or \Users\. */
static void find_home(struct scan *s, size_t slash)
{
	static const char *const folders[] = {"home", "users", NULL};
	size_t from = slash;
	while (from > 0 && is_word(s->p[from - 1]))
		from--;
	bool is_folder = from > 0 && (s->p[from - 1] == '/' || s->p[from - 1] == '\\') &&
			 is_one_of((struct text){s->p + from, slash - from}, folders);
	size_t to = name_end(s, slash + 1);
	if (is_folder && to > slash + 1)
		put_mark(s, slash + 1, to, MARK_USER);
}

/* "by user bob", "for user CORP-bob" */
static void find_user(struct scan *s, size_t blank)
{
	static const char *const before[] = {"by", "for", "from", "of", "von", "für", "par", NULL};
	static const char *const word[] = {"user", "benutzer", "utilisateur", NULL};
	struct text key = word_before(s, blank, "");
	if (!is_one_of(key, word))
		return;
	size_t to = name_end(s, blank + 1);
	struct text name = {s->p + blank + 1, to - blank - 1};
	if (name.len > 1 && is_one_of(word_before(s, (size_t)(key.p - s->p), " "), before) &&
		!is_one_of(name, no_names))
		put_mark(s, blank + 1, to, MARK_USER);
}

/* ---- files of documents ---- */

static void find_document(struct scan *s, size_t dot)
{
	static const char *const extensions[] = {"doc", "docx", "docm", "xls", "xlsx", "xlsm",
		"ppt", "pptx", "pdf", "odt", "ods", "odp", "rtf", "txt", "csv", "jpg", "jpeg",
		"png", "tif", "tiff", "vsd", "vsdx", "eml", "msg", NULL};
	size_t to = dot + 1, from = dot;
	while (to < s->len && is_word(s->p[to]))
		to++;
	if (!is_one_of((struct text){s->p + dot + 1, to - dot - 1}, extensions))
		return;
	while (from > 0 && s->p[from - 1] != '\0' &&
		strchr(" \"'=:,;|<>()", s->p[from - 1]) == NULL)
		from--;
	if (from < dot)
		put_mark(s, from, to, MARK_DOCUMENT);
}

/* ---- words of the caller ---- */

static void find_words(struct scan *s, const struct personal_words *words)
{
	for (unsigned i = 0; i < words->count; i++) {
		struct text word = text_of(words->word[i]);
		for (size_t at = 0; word.len > 0 && at + word.len <= s->len; at++) {
			size_t to = at + word.len;
			if (tolower((unsigned char)s->p[at]) != word.p[0])
				continue;
			if ((at > 0 && is_word(s->p[at - 1])) || (to < s->len && is_word(s->p[to])))
				continue;
			if (text_is_equal_nocase((struct text){s->p + at, word.len}, word))
				put_mark(s, at, to, MARK_HOST);
		}
	}
}

/* ---- together ---- */

/* Bytes at which a detector begins; a text without one of them and without many digits is free. */
static bool may_hold(struct text t)
{
	static const char *const ends[] = {"user", "tzer", "teur", NULL}; /* find_user */
	size_t digits = 0;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.p[i];
		if (c == '@' || c == ':' || c == '=' || c == '.' || c == '\\' || c == '/' ||
			c == '\xef')
			return true;
		if (c == ' ' && i >= 4 && is_one_of((struct text){t.p + i - 4, 4}, ends))
			return true;
		digits += is_number(c);
	}
	return digits >= 5;
}

/* The full-width forms of '@', ':' and '=' (U+FF20, U+FF1A, U+FF1D). Returns the bytes of *c. */
static size_t full_width(const struct scan *s, size_t i, char *c)
{
	enum { BYTES = 3 };
	if (*c != '\xef' || i + BYTES > s->len)
		return 1;
	if (memcmp(s->p + i, "\xef\xbc\xa0", BYTES) == 0)
		*c = '@';
	else if (memcmp(s->p + i, "\xef\xbc\x9a", BYTES) == 0)
		*c = ':';
	else if (memcmp(s->p + i, "\xef\xbc\x9d", BYTES) == 0)
		*c = '=';
	return *c == '\xef' ? 1 : BYTES;
}

static void find_all(struct scan *s, const struct personal_words *words)
{
	for (size_t i = 0; i < s->len; i++) {
		char c = s->p[i];
		size_t width = full_width(s, i, &c);
		if (c == '@')
			find_email(s, i, width);
		else if (c == ':' || c == '=')
			find_value(s, i, width);
		else if (c == '.')
			find_document(s, i);
		else if (c == ' ')
			find_user(s, i);
		else if (c == '\\')
			find_backslash(s, i);
		if (c == '/' || c == '\\')
			find_home(s, i);
		if (s->mark[i] == MARK_NONE && (c == '+' || c == '(' || is_number(c)))
			find_phone(s, i);
	}
	if (words != NULL)
		find_words(s, words);
}

static void scan_text(struct scan *s, struct text t, const struct personal_words *words)
{
	s->p = t.p;
	s->len = t.len < PERSONAL_TEXT ? t.len : PERSONAL_TEXT;
	s->is_marked = false;
	memset(s->mark, MARK_NONE, s->len);
	find_all(s, words);
}

bool personal_is_free(struct text t, const struct personal_words *words)
{
	struct scan s;
	bool has_words = words != NULL && words->count > 0;
	if (t.len == 0 || (!has_words && !may_hold(t)))
		return true;
	scan_text(&s, t, words);
	return !s.is_marked;
}

size_t personal_replace(char *dst, size_t cap, struct text t, const struct personal_words *words)
{
	struct scan s;
	char out[PERSONAL_TEXT * 6];
	size_t n = 0;
	scan_text(&s, t, words);
	for (size_t i = 0; i < s.len; i++) {
		const char *with = replacements[s.mark[i]];
		if (with == NULL) {
			out[n++] = s.p[i];
		} else if (i == 0 || s.mark[i] != s.mark[i - 1]) {
			size_t len = strlen(with);
			memcpy(out + n, with, len);
			n += len;
		}
	}
	return text_scrub(dst, cap, (struct text){out, n});
}
