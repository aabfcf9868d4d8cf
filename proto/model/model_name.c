/* SPDX-License-Identifier: Apache-2.0
 * The texts that name a printer: hrDeviceDescr, sysDescr, the 1284 device id,
 * printer-make-and-model. Beside the model they hold versions, serial numbers, the name of a print
 * server, and what a print queue adds. */
#include "proto/model/model.h"

#include "proto/base/placeholder.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- places in a text ------------------------------------------------------------------- */

static struct text cut(struct text t, size_t len)
{
	return text_trimmed((struct text){t.p, len});
}

/* The offset of `mark`, case ignored, or t.len. */
static size_t place_of(struct text t, const char *mark)
{
	size_t n = strlen(mark);
	for (size_t i = 0; i + n <= t.len; i++) {
		if ((t.p[i] | 0x20) == (mark[0] | 0x20) && strncasecmp(t.p + i, mark, n) == 0)
			return i;
	}
	return t.len;
}

static bool has_digit(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		if (isdigit((unsigned char)t.p[i]))
			return true;
	}
	return false;
}

/* The last word of t, or all of it. */
static struct text last_word(struct text t)
{
	size_t at = t.len;
	while (at > 0 && t.p[at - 1] != ' ')
		at--;
	return (struct text){t.p + at, t.len - at};
}

static bool ends_with(struct text t, const char *word)
{
	size_t n = strlen(word);
	return t.len > n && strncasecmp(t.p + t.len - n, word, n) == 0;
}

/* ---- print servers ---------------------------------------------------------------------- */

bool models_names_print_server(struct text t)
{
	static const char *const marks[] = {"print server", "printserver", "print-server",
		"printer server", "document server", "jetdirect", "hp ethernet multi-environment",
		"okilan", "fastether", "marknet", "print adapter", "network adapter",
		"network card", "network interface card", "network printer board",
		"interface board", "ethernet board"};
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (place_of(t, marks[i]) < t.len)
			return true;
	}
	return false;
}

/* The printer in a print server's sentence: "OKI OkiLAN 6400e Rev. 10/100BASE Ethernet PrintServer:
 * Attached to B6250 Rev.8.1: (C)2005 OKI DATA CORP". */
static struct text attached(struct text t)
{
	static const char mark[] = "attached to ";
	size_t at = place_of(t, mark);
	if (at == t.len)
		return t;
	t = (struct text){t.p + at + sizeof mark - 1, t.len - at - (sizeof mark - 1)};
	size_t len = 0;
	while (len < t.len && strchr(":;,(", t.p[len]) == NULL)
		len++;
	return cut(t, len);
}

/* ---- print queues ----------------------------------------------------------------------- */

/* Whether the text after " - " or ", " is of a queue: "IPP Everywhere", "using brlaser v6". */
static bool is_of_queue(struct text t)
{
	static const char *const words[] = {"ipp", "cups", "airprint", "driverless", "everywhere",
		"gutenprint", "foomatic", "using ", "hpcups", "hpijs", "epson-", "postscript",
		"pcl", "pxl", "generic", "requires proprietary", "copy "};
	t = text_trimmed(t);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (text_starts_with(t, words[i]))
			return true;
	}
	return false;
}

/* Cuts at the first " - ", ", " or " (" before a word of a queue, and at " Foomatic/". */
static struct text without_queue(struct text t, bool *is_queue)
{
	static const char *const between[] = {" - ", ", ", " (", ","};
	static const char *const ends[] = {"(recommended)", " ipp everywhere", " driverless"};
	size_t end = place_of(t, " foomatic/");
	for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
		size_t n = strlen(between[i]);
		for (size_t at = 1; at + n < end; at++) {
			if (memcmp(t.p + at, between[i], n) == 0 &&
				is_of_queue((struct text){t.p + at + n, t.len - at - n}))
				end = at;
		}
	}
	struct text said = cut(t, end);
	if (ends_with(said, "]") && place_of(said, " [") < said.len)
		end = place_of(said, " ["); /* "HP LaserJet M506 [A1B2C3]" by DNS-SD */
	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		said = cut(t, end);
		if (ends_with(said, ends[i]))
			end = said.len - strlen(ends[i]);
	}
	*is_queue = *is_queue || end < t.len;
	return cut(t, end);
}

/* Cuts the page description language that a driver is named by: "LaserJet 4250 Postscript". */
static struct text without_language(struct text t)
{
	static const char *const words[] = {" ps", " ps2", " ps3", " ps(p)", " postscript", " pcl",
		" pcl3", " pcl5", " pcl5c", " pcl5e", " pcl6", " pcl 5", " pcl 5e", " pcl 6",
		" pxl", " pcl xl", " kpdl", " br-script3", " ufr ii", " ufrii", " ufr ii lt",
		" ufrii lt"};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (ends_with(t, words[i]))
			return cut(t, t.len - strlen(words[i]));
	}
	return t;
}

/* ---- versions and serial numbers -------------------------------------------------------- */

/* The length of "1.09", "V1.03", "R1.28", "v1.14a", "V.2.13" at the beginning of the word; 0: it is
 * no version. */
static size_t version_len(struct text word)
{
	size_t at = 0;
	bool has_dot = false;
	if (word.len > 0 && memchr("VvRr", word.p[0], 4) != NULL)
		at++;
	size_t first = at;
	while (at < word.len && (isdigit((unsigned char)word.p[at]) || word.p[at] == '.'))
		has_dot = word.p[at++] == '.' || has_dot;
	if (!has_dot || at == first || !isdigit((unsigned char)word.p[at - 1]))
		return 0;
	if (at < word.len && islower((unsigned char)word.p[at]))
		at++;
	return at;
}

/* "NH.GM.N632", "CXTZJ.074.258": parts of capitals and digits between at least two dots. */
static bool is_dotted_code(struct text word)
{
	unsigned dots = 0;
	for (size_t i = 0; i < word.len; i++) {
		bool is_dot = word.p[i] == '.';
		if (is_dot && (i == 0 || i + 1 == word.len || word.p[i - 1] == '.'))
			return false;
		if (!is_dot && !isdigit((unsigned char)word.p[i]) &&
			!isupper((unsigned char)word.p[i]))
			return false;
		dots += is_dot;
	}
	return dots >= 2 && has_digit(word);
}

/* The length of a word that introduces a version at the end of t, with the blank before it: "IPSiO
 * GX e3300 Ver". */
static size_t lead_len(struct text t)
{
	static const char *const leads[] = {" -", " ver", " ver.", " version", " fw", " f/w",
		" firmware", " rev", " rev.", " release", " software", " (ver", " (ver.", " (fw",
		" (rev", " (rev.", " (firmware"};
	size_t longest = 0;
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
		size_t n = strlen(leads[i]);
		if (n > longest && ends_with(t, leads[i]))
			longest = n;
	}
	return longest;
}

/* "Rev.H3.10", "Ver:1.05", "FW2.0": the version after the glued word, or empty. */
static struct text glued_version(struct text word)
{
	static const char *const leads[] = {
		"rev.", "rev:", "ver.", "ver:", "version.", "fw.", "fw:", "fw", "f/w", "rev"};
	for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
		size_t n = strlen(leads[i]);
		struct text rest = {word.p + n, word.len > n ? word.len - n : 0};
		if (text_starts_with(word, leads[i]) && rest.len > 0 && has_digit(rest) &&
			memchr(rest.p, '.', rest.len) != NULL)
			return rest;
	}
	return (struct text){NULL, 0};
}

/* Moves a version at the end of *t to *version. False: there is none. */
static bool take_version(struct text *t, struct text *version)
{
	struct text word = last_word(*t);
	bool has_bracket = word.len > 1 && word.p[word.len - 1] == ')';
	if (has_bracket)
		word.len--;
	if (has_bracket && word.p[0] == '(')
		word = (struct text){word.p + 1, word.len - 1};
	struct text before = cut(*t, (size_t)(word.p - t->p));
	if (before.len > 0 && before.p[before.len - 1] == '(')
		before = cut(before, before.len - 1);
	if (before.len == 0)
		return false;
	size_t n = version_len(word), lead = lead_len(before);
	bool is_whole = n > 0 && (n == word.len || word.p[n] == '/');
	struct text glued = glued_version(word);
	if (is_whole)
		*version = (struct text){word.p, n};
	else if (glued.len > 0)
		*version = glued;
	else if (is_dotted_code(word) ||
		 (lead > 0 && has_digit(word) && place_of(word, ".") < word.len))
		*version = word;
	else
		return false;
	*t = cut(before, before.len - (lead < before.len ? lead : 0));
	return true;
}

/* "XC4240 7529901141RTW": a last word of at least ten capitals and digits, most of them digits; or
 * a placeholder, "0000000000". The model is before it. */
static bool take_serial(struct text *t, struct text *serial)
{
	enum { SERIAL_MIN = 10, PLACEHOLDER_MIN = 4 };
	struct text word = last_word(*t);
	size_t digits = 0, odd = 0;
	if (word.len == t->len || word.len < PLACEHOLDER_MIN)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		digits += isdigit((unsigned char)word.p[i]) != 0;
		odd += !isdigit((unsigned char)word.p[i]) && !isupper((unsigned char)word.p[i]);
	}
	bool is_none = text_is_placeholder(word);
	if (!is_none && (word.len < SERIAL_MIN || odd > 0 || digits * 2 < word.len))
		return false;
	if (!is_none)
		*serial = word;
	*t = cut(*t, (size_t)(word.p - t->p));
	return true;
}

/* The offset of the first comma after a digit, or t.len: "NC-130h, Firmware Ver.0.09 ,MID 8CA". */
static size_t list_begins(struct text t)
{
	bool is_after_digit = false;
	for (size_t i = 0; i < t.len; i++) {
		if (is_after_digit && t.p[i] == ',')
			return i;
		is_after_digit = is_after_digit || isdigit((unsigned char)t.p[i]);
	}
	return t.len;
}

/* ---- the whole text --------------------------------------------------------------------- */

void models_split_name(struct text said, struct model_name *ret)
{
	static const char *const marks[] = {
		";", " / ", " version ", " /P", " OS ", " S/N", " SN:", " kernel "};
	bool is_queue = false;
	memset(ret, 0, sizeof *ret);
	struct text t = attached(text_trimmed(said));
	if (t.len == 0)
		return;
	t = without_queue(t, &is_queue);
	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		t = cut(t, place_of(t, marks[i]));
	t = cut(t, list_begins(t));
	if (is_queue)
		t = without_language(t);
	if (take_version(&t, &ret->version))
		(void)take_serial(&t, &ret->serial);
	ret->model = t;
}

/* The length of `name` at the beginning of the model, as a whole word; 0: it begins otherwise. */
static size_t name_len(struct text model, struct text name)
{
	bool is_there = name.len > 0 && model.len > name.len &&
			(model.p[0] | 0x20) == (name.p[0] | 0x20) &&
			strncasecmp(model.p, name.p, name.len) == 0 && model.p[name.len] != '_' &&
			!isalnum((unsigned char)model.p[name.len]);
	return is_there ? name.len : 0;
}

struct text models_without_vendor(
	const struct models *set, const struct model_vendor *vendor, struct text model)
{
	size_t n = 0;
	if (vendor == NULL)
		return model;
	size_t first_word = place_of(vendor->vendor, " ");
	const struct text names[] = {vendor->vendor, {vendor->vendor.p, first_word}};
	for (size_t i = 0; i < 2; i++)
		n = name_len(model, names[i]) > n ? name_len(model, names[i]) : n;
	for (size_t i = 0; i < vendor->vendor_count; i++) {
		struct text name = set->word[vendor->first_vendor + i];
		n = name_len(model, name) > n ? name_len(model, name) : n;
	}
	return models_without_front(model, n);
}

struct text models_without_front(struct text model, size_t n)
{
	if (n == 0 || n > model.len)
		return model;
	model = (struct text){model.p + n, model.len - n};
	size_t more = text_starts_with(model, "(R)")       ? 3
		      : model.len > 0 && model.p[0] == ',' ? 1
							   : 0;
	return text_trimmed((struct text){model.p + more, model.len - more});
}

struct text models_printer_in(
	const struct models *set, const struct model_vendor *vendor, struct text description)
{
	for (size_t at = place_of(description, ","); at < description.len;) {
		struct text rest = {description.p + at + 1, description.len - at - 1};
		size_t next = place_of(rest, ",");
		struct text name = cut(rest, next);
		unsigned words = has_digit(name) ? vendor->printer_word_count : 0;
		for (unsigned i = 0; i < words; i++) {
			if (name_len(name, set->word[vendor->first_printer_word + i]) > 0)
				return name;
		}
		at += 1 + next;
	}
	return (struct text){NULL, 0};
}
