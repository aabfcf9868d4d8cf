/* SPDX-License-Identifier: Apache-2.0
 * The colorant in a description or in a colorant table: "Vivid Light Magenta Ink", "Fotoschwarz",
 * "cyan clair". A colour and what modifies it, in the languages that printers use, make a name as
 * "light_magenta": large-format printers have up to twelve inks, each one of its own. */
#include "proto/reading/reading.h"

#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { LIGHT = 1, VERY_LIGHT = 2, DARK = 4, PHOTO = 8, MATTE = 16, PIGMENT = 32, FLUORESCENT = 64 };

enum color {
	BLACK,
	CYAN,
	MAGENTA,
	YELLOW,
	GRAY,
	RED,
	GREEN,
	BLUE,
	ORANGE,
	VIOLET,
	WHITE,
	PINK,
	GOLD,
	SILVER,
	CLEAR,
	COLOR_COUNT
};

static const char *const color_names[COLOR_COUNT] = {"black", "cyan", "magenta", "yellow", "gray",
	"red", "green", "blue", "orange", "violet", "white", "pink", "gold", "silver", "clear"};

struct color_word {
	const char *word; /* lower case */
	uint8_t means;
	bool is_beginning; /* also of a longer word: "schwarzer"; else it is a whole word */
};

/* By the first letter; each word has at least two. */
enum { LETTER = 0x1f, LETTERS = 32 };

#define WORDS(...)                                                                                 \
	(const struct color_word[])                                                                \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			NULL, 0, false                                                             \
		}                                                                                  \
	}

static const struct color_word *const colors[LETTERS] = {
	['a' & LETTER] = WORDS({"amarillo", YELLOW, true}, {"amarelo", YELLOW, true},
		{"azul", BLUE, false}, {"arancione", ORANGE, false}),
	['b' & LETTER] = WORDS({"black", BLACK, true}, {"blue", BLUE, false}, {"blau", BLUE, false},
		{"bleu", BLUE, false}, {"blanc", WHITE, false}, {"bianco", WHITE, false},
		{"blanco", WHITE, false}),
	['c' & LETTER] = WORDS({"cyan", CYAN, true}, {"ciano", CYAN, true}, {"cian", CYAN, true},
		{"cinza", GRAY, false}, {"clear", CLEAR, false}),
	['g' & LETTER] = WORDS({"gelb", YELLOW, true}, {"giallo", YELLOW, true},
		{"gray", GRAY, true}, {"grey", GRAY, true}, {"grau", GRAY, true},
		{"gris", GRAY, false}, {"grigio", GRAY, false}, {"green", GREEN, false},
		{"gr\xc3\xbcn", GREEN, false}, {"gold", GOLD, false}),
	['j' & LETTER] = WORDS({"jaune", YELLOW, true}),
	['m' & LETTER] = WORDS({"magenta", MAGENTA, true}),
	['n' & LETTER] = WORDS({"noir", BLACK, true}, {"nero", BLACK, true}, {"negro", BLACK, true},
		{"naranja", ORANGE, false}),
	['o' & LETTER] = WORDS({"orange", ORANGE, false}),
	['p' & LETTER] =
		WORDS({"preto", BLACK, true}, {"purple", VIOLET, false}, {"pink", PINK, false}),
	['r' & LETTER] = WORDS({"red", RED, false}, {"rot", RED, false}, {"rouge", RED, false},
		{"rojo", RED, false}, {"rosso", RED, false}),
	['s' & LETTER] = WORDS({"schwarz", BLACK, true}, {"silver", SILVER, false}),
	['t' & LETTER] = WORDS({"transparent", CLEAR, false}),
	['v' & LETTER] = WORDS({"vert", GREEN, false}, {"verde", GREEN, false},
		{"violet", VIOLET, true}, {"viola", VIOLET, false}),
	['w' & LETTER] = WORDS(
		{"white", WHITE, false}, {"weiss", WHITE, false}, {"wei\xc3\x9f", WHITE, false}),
	['y' & LETTER] = WORDS({"yellow", YELLOW, true})};

static const struct color_word *const modifiers[LETTERS] = {
	['c' & LETTER] =
		WORDS({"clair", LIGHT, false}, {"chiaro", LIGHT, false}, {"claro", LIGHT, false}),
	['d' & LETTER] = WORDS({"dark", DARK, false}, {"dunkel", DARK, false}),
	['f' & LETTER] = WORDS({"fonc\xc3\xa9", DARK, false}, {"foto", PHOTO, false},
		{"fluorescent", FLUORESCENT, false}),
	['h' & LETTER] = WORDS({"hell", LIGHT, false}),
	['l' & LETTER] = WORDS({"light", LIGHT, false}, {"lt", LIGHT, false}),
	['m' & LETTER] = WORDS({"matte", MATTE, false}, {"matt", MATTE, false},
		{"mat", MATTE, false}, {"mate", MATTE, false}),
	['o' & LETTER] = WORDS({"oscuro", DARK, false}, {"opaco", MATTE, false}),
	['p' & LETTER] = WORDS({"photo", PHOTO, false}, {"pigment", PIGMENT, false}),
	['s' & LETTER] = WORDS({"scuro", DARK, false})};

/* Codes that printers write alone, or before "Ink", "Toner" and the like. */
static const struct {
	const char *code, *colorant;
} codes[] = {{"k", "black"}, {"bk", "black"}, {"c", "cyan"}, {"m", "magenta"}, {"y", "yellow"},
	{"lc", "light_cyan"}, {"lm", "light_magenta"}, {"lk", "light_black"},
	{"llk", "light_light_black"}, {"pk", "photo_black"}, {"pbk", "photo_black"},
	{"mk", "matte_black"}, {"mbk", "matte_black"}, {"gy", "gray"}, {"lgy", "light_gray"},
	{"pgy", "photo_gray"}, {"pc", "photo_cyan"}, {"pm", "photo_magenta"},
	{"pgbk", "pigment_black"}, {"vlm", "light_magenta"}, {"vm", "magenta"}};

struct found {
	int color; /* enum color; -1: none yet */
	unsigned modifiers;
	bool is_mixed;
};

static bool is_letter(char c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

/* The row, from `row` on, whose word begins with these two letters, or NULL. */
static const struct color_word *next_row(const struct color_word *row, const char *letters)
{
	for (; row != NULL && row->word != NULL; row++) {
		if (row->word[0] == (letters[0] | 0x20) && row->word[1] == (letters[1] | 0x20))
			return row;
	}
	return NULL;
}

static const struct color_word *first_row(
	const struct color_word *const rows[LETTERS], const char *letters)
{
	return next_row(rows[letters[0] & LETTER], letters);
}

/* The length of the row's word at the beginning of `t`; 0: it begins otherwise. */
static size_t begin_len(struct text t, const struct color_word *row)
{
	size_t n = strlen(row->word);
	return n <= t.len && strncasecmp(t.p, row->word, n) == 0 ? n : 0;
}

static bool accept_color(struct found *f, struct text word)
{
	const struct color_word *row = word.len > 1 ? first_row(colors, word.p) : NULL;
	for (; row != NULL; row = next_row(row + 1, word.p)) {
		size_t n = begin_len(word, row);
		if (n == 0 || (n < word.len && !row->is_beginning))
			continue;
		f->is_mixed = f->is_mixed || (f->color >= 0 && f->color != row->means);
		f->color = row->means;
		return true;
	}
	return false;
}

/* A modifier, alone or before a colour in one word: "Light", "LightCyan", "Fotoschwarz". */
static bool accept_modifier(struct found *f, struct text word)
{
	const struct color_word *row = word.len > 1 ? first_row(modifiers, word.p) : NULL;
	for (; row != NULL; row = next_row(row + 1, word.p)) {
		size_t n = begin_len(word, row);
		struct text rest = {word.p + n, word.len - n};
		if (n == 0 || (rest.len > 0 && !accept_color(f, rest)))
			continue;
		bool is_twice = row->means == LIGHT && (f->modifiers & LIGHT) != 0;
		f->modifiers |= is_twice ? VERY_LIGHT : row->means;
		return true;
	}
	return false;
}

static struct text colorant_of_code(struct text t)
{
	enum { CODE_MAX = 4 }; /* letters of the longest code */
	size_t n = 0;
	while (n < t.len && is_letter(t.p[n]))
		n++;
	if (n == 0 || n > CODE_MAX)
		return (struct text){NULL, 0};
	struct text code = {t.p, n};
	struct text rest = text_trimmed((struct text){t.p + n, t.len - n});
	bool is_alone = rest.len == 0 || text_starts_with(rest, "ink") ||
			text_starts_with(rest, "toner") || text_starts_with(rest, "cartridge");
	for (size_t i = 0; i < COUNT(codes) && is_alone; i++) {
		if (text_is_equal_nocase(code, text_of(codes[i].code)))
			return text_of(codes[i].colorant);
	}
	return (struct text){NULL, 0};
}

/* The name of a colour with the modifiers that printers combine with it; a name is a constant, as
 * readings refer to it. */
static struct text name_of(enum color color, unsigned mods)
{
	static const struct {
		uint8_t modifiers, color;
		const char *name;
	} names[] = {{LIGHT | VERY_LIGHT, BLACK, "light_light_black"},
		{LIGHT | VERY_LIGHT, GRAY, "light_light_gray"}, {LIGHT, BLACK, "light_black"},
		{LIGHT, CYAN, "light_cyan"}, {LIGHT, MAGENTA, "light_magenta"},
		{LIGHT, YELLOW, "light_yellow"}, {LIGHT, GRAY, "light_gray"},
		{DARK, GRAY, "dark_gray"}, {DARK, YELLOW, "dark_yellow"},
		{PHOTO, BLACK, "photo_black"}, {PHOTO, CYAN, "photo_cyan"},
		{PHOTO, MAGENTA, "photo_magenta"}, {PHOTO, GRAY, "photo_gray"},
		{MATTE, BLACK, "matte_black"}, {PIGMENT, BLACK, "pigment_black"},
		{FLUORESCENT, PINK, "fluorescent_pink"},
		{FLUORESCENT, YELLOW, "fluorescent_yellow"}};
	for (size_t i = 0; i < COUNT(names); i++) {
		if (names[i].color == color && (mods & names[i].modifiers) == names[i].modifiers)
			return text_of(names[i].name);
	}
	return text_of(color_names[color]);
}

struct text reading_colorant_of(struct text description)
{
	struct found f = {.color = -1};
	for (size_t i = 0; i < description.len;) {
		size_t n = 0;
		while (i + n < description.len && is_letter(description.p[i + n]))
			n++;
		struct text word = {description.p + i, n};
		if (n > 0 && !accept_color(&f, word))
			(void)accept_modifier(&f, word);
		i += n > 0 ? n : 1;
	}
	/* "Cyan, magenta and yellow drums" have no single colorant. */
	if (f.is_mixed)
		return (struct text){NULL, 0};
	return f.color < 0 ? colorant_of_code(text_trimmed(description))
			   : name_of((enum color)f.color, f.modifiers);
}

/* Whether a word begins with the first two letters of a modifier: most descriptions have none. */
static bool may_have_modifier(struct text t)
{
	for (size_t i = 0; i + 1 < t.len; i++) {
		bool is_begin = is_letter(t.p[i]) && (i == 0 || !is_letter(t.p[i - 1]));
		if (is_begin && first_row(modifiers, t.p + i) != NULL)
			return true;
	}
	return false;
}

struct text reading_finer_colorant(struct text colorant, struct text description)
{
	if (colorant.len > 0 && !may_have_modifier(description))
		return colorant;
	struct text finer = reading_colorant_of(description);
	if (colorant.len == 0)
		return finer;
	bool is_finer = finer.len > colorant.len + 1 &&
			finer.p[finer.len - colorant.len - 1] == '_' &&
			memcmp(finer.p + finer.len - colorant.len, colorant.p, colorant.len) == 0;
	return is_finer ? finer : colorant;
}
