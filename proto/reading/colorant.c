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

/* By their first letter. */
static const struct color_word colors[] = {{"amarillo", YELLOW, true}, {"amarelo", YELLOW, true},
	{"azul", BLUE, false}, {"arancione", ORANGE, false}, {"black", BLACK, true},
	{"blue", BLUE, false}, {"blau", BLUE, false}, {"bleu", BLUE, false},
	{"blanc", WHITE, false}, {"bianco", WHITE, false}, {"blanco", WHITE, false},
	{"cyan", CYAN, true}, {"ciano", CYAN, true}, {"cian", CYAN, true}, {"cinza", GRAY, false},
	{"clear", CLEAR, false}, {"gelb", YELLOW, true}, {"giallo", YELLOW, true},
	{"gray", GRAY, true}, {"grey", GRAY, true}, {"grau", GRAY, true}, {"gris", GRAY, false},
	{"grigio", GRAY, false}, {"green", GREEN, false}, {"gr\xc3\xbcn", GREEN, false},
	{"gold", GOLD, false}, {"jaune", YELLOW, true}, {"magenta", MAGENTA, true},
	{"noir", BLACK, true}, {"nero", BLACK, true}, {"negro", BLACK, true},
	{"naranja", ORANGE, false}, {"orange", ORANGE, false}, {"preto", BLACK, true},
	{"purple", VIOLET, false}, {"pink", PINK, false}, {"red", RED, false}, {"rot", RED, false},
	{"rouge", RED, false}, {"rojo", RED, false}, {"rosso", RED, false},
	{"schwarz", BLACK, true}, {"silver", SILVER, false}, {"transparent", CLEAR, false},
	{"vert", GREEN, false}, {"verde", GREEN, false}, {"violet", VIOLET, true},
	{"viola", VIOLET, false}, {"white", WHITE, false}, {"weiss", WHITE, false},
	{"wei\xc3\x9f", WHITE, false}, {"yellow", YELLOW, true}};

static const struct color_word modifiers[] = {{"light", LIGHT, false}, {"lt", LIGHT, false},
	{"hell", LIGHT, false}, {"clair", LIGHT, false}, {"chiaro", LIGHT, false},
	{"claro", LIGHT, false}, {"dark", DARK, false}, {"dunkel", DARK, false},
	{"fonc\xc3\xa9", DARK, false}, {"scuro", DARK, false}, {"oscuro", DARK, false},
	{"photo", PHOTO, false}, {"foto", PHOTO, false}, {"matte", MATTE, false},
	{"matt", MATTE, false}, {"mat", MATTE, false}, {"mate", MATTE, false},
	{"opaco", MATTE, false}, {"pigment", PIGMENT, false}, {"fluorescent", FLUORESCENT, false}};

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

/* The length of the row's word at the beginning of `t`, which is not empty; 0: another word. */
static size_t fits(struct text t, const struct color_word *row)
{
	if ((t.p[0] | 0x20) != row->word[0]) /* excludes most words */
		return 0;
	size_t n = strlen(row->word);
	bool begins = n <= t.len && strncasecmp(t.p, row->word, n) == 0;
	return begins && (row->is_beginning || n == t.len) ? n : 0;
}

/* The first row whose word begins with this letter or one behind it. */
static size_t first_color(char letter)
{
	size_t low = 0, high = COUNT(colors);
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (colors[middle].word[0] < letter)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool accept_color(struct found *f, struct text word)
{
	char first = (char)(word.p[0] | 0x20);
	for (size_t i = first_color(first); i < COUNT(colors) && colors[i].word[0] == first; i++) {
		if (fits(word, &colors[i]) == 0)
			continue;
		f->is_mixed = f->is_mixed || (f->color >= 0 && f->color != colors[i].means);
		f->color = colors[i].means;
		return true;
	}
	return false;
}

/* A modifier, alone or before a colour in one word: "Light", "LightCyan", "Fotoschwarz". */
static bool accept_modifier(struct found *f, struct text word)
{
	for (size_t i = 0; i < COUNT(modifiers); i++) {
		if ((word.p[0] | 0x20) != modifiers[i].word[0])
			continue;
		size_t n = strlen(modifiers[i].word);
		if (n > word.len || strncasecmp(word.p, modifiers[i].word, n) != 0)
			continue;
		struct text rest = {word.p + n, word.len - n};
		if (rest.len > 0 && !accept_color(f, rest))
			continue;
		unsigned m = modifiers[i].means;
		f->modifiers |= m == LIGHT && (f->modifiers & LIGHT) != 0 ? VERY_LIGHT : m;
		return true;
	}
	return false;
}

static struct text colorant_of_code(struct text t)
{
	size_t n = 0;
	if (t.len == 0)
		return t;
	while (n < t.len && is_letter(t.p[n]))
		n++;
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
		if (i > 0 && is_letter(t.p[i - 1]))
			continue;
		for (size_t k = 0; k < COUNT(modifiers); k++) {
			const char *word = modifiers[k].word;
			if ((t.p[i] | 0x20) == word[0] && (t.p[i + 1] | 0x20) == word[1])
				return true;
		}
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
