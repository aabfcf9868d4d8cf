/* SPDX-License-Identifier: Apache-2.0
 * Converts one scalar of the file to one field, by the key's type and bounds; else a message says
 * what the key takes. */
#include "engine/conf/load.h"

#include "engine/conf/nets.h"
#include "engine/conf/range.h"
#include "engine/loop/file.h"
#include "proto/base/closest.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"
#include "proto/text/base64.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SHOWN_VALUE = 64, WORDS_MAX = 16 };

/* The value as it may be repeated to people: quoted, escaped and cut. */
static const char *shown(char dst[SHOWN_VALUE], const struct conf_key *k, const char *value)
{
	if (k->is_private)
		return "this one";
	return str_quote(dst, SHOWN_VALUE, value, strlen(value));
}

static int wants(struct conf_load *l, const struct conf_key *k, const char *value,
	struct conf_mark at, const char *what)
{
	char text[SHOWN_VALUE];
	return conf_say(l, at, "\"%s\" takes %s, not %s", k->path, what, shown(text, k, value));
}

static void put_integer(const struct conf_key *k, void *base, uint64_t v)
{
	char *at = (char *)base + k->offset;
	switch (k->size) {
	case 1:
		memcpy(at, &(uint8_t){(uint8_t)v}, 1);
		break;
	case 2:
		memcpy(at, &(uint16_t){(uint16_t)v}, 2);
		break;
	case 4:
		memcpy(at, &(uint32_t){(uint32_t)v}, 4);
		break;
	default:
		memcpy(at, &v, 8);
		break;
	}
}

static void put_text(const struct conf_key *k, void *base, const char *text)
{
	memcpy((char *)base + k->offset, &text, sizeof text);
}

static const char *text_at(const struct conf_key *k, const void *base)
{
	const char *text;
	memcpy(&text, (const char *)base + k->offset, sizeof text);
	return text;
}

/* A duration or a size as people write it: in the largest unit that divides it. */
static void show_amount(char dst[32], enum conf_type type, uint64_t v)
{
	static const struct unit {
		const char *name;
		uint64_t factor;
	} units[2][5] = {{{"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1}},
		{{"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10},
			{"B", 1}}};
	const struct unit *u = units[type == CONF_SIZE ? 1 : 0];
	/* Sizes are written up to GiB. */
	if (type == CONF_SIZE)
		u++;
	while (u->factor > 1 && (v == 0 || v % u->factor != 0))
		u++;
	if (type == CONF_COUNT || v == 0)
		(void)snprintf(dst, 32, "%llu", (unsigned long long)v);
	else
		(void)snprintf(dst, 32, "%llu%s", (unsigned long long)(v / u->factor), u->name);
}

void conf_show_bounds(char *dst, size_t cap, const struct conf_key *k)
{
	char low[32], high[32];
	show_amount(low, k->type, k->min);
	show_amount(high, k->type, k->max);
	(void)snprintf(dst, cap, "%s to %s", low, high);
}

/* Whether it is one of the key's words, which is stored then. */
static bool store_if_word(const struct conf_key *k, void *base, const char *value)
{
	for (const struct conf_word *w = k->words; w != NULL && w->word != NULL; w++) {
		if (strcmp(w->word, value) == 0) {
			put_integer(k, base, w->value);
			return true;
		}
	}
	return false;
}

static int wants_number(struct conf_load *l, const struct conf_key *k, const char *value,
	struct conf_mark at, const char *what)
{
	char list[128];
	size_t len = str_copy(list, sizeof list, what);
	for (const struct conf_word *w = k->words; w != NULL && w->word != NULL; w++) {
		(void)snprintf(list + len, sizeof list - len, ", or %s", w->word);
		len = strlen(list);
	}
	return wants(l, k, value, at, list);
}

static int store_number(struct conf_load *l, const struct conf_key *k, void *base,
	const char *value, struct conf_mark at)
{
	uint64_t v = 0;
	int err;
	const char *what = "a whole number";
	if (store_if_word(k, base, value))
		return 0;
	if (k->type == CONF_DURATION) {
		err = str_to_ms(value, &v);
		what = "a duration such as 250ms, 15s, 10m, 6h or 7d";
	} else if (k->type == CONF_SIZE) {
		err = str_to_bytes(value, &v);
		what = "a size such as 4096B, 512KiB, 64MiB or 1GiB";
	} else {
		err = str_to_u64(value, 0, UINT64_MAX, &v);
	}
	if (err == ERR_FORMAT)
		return wants_number(l, k, value, at, what);
	if (err < 0 || v < k->min || v > k->max) {
		char bounds[72];
		conf_show_bounds(bounds, sizeof bounds, k);
		return wants_number(l, k, value, at, bounds);
	}
	put_integer(k, base, v);
	return 0;
}

static int store_word(struct conf_load *l, const struct conf_key *k, void *base, const char *value,
	struct conf_mark at)
{
	char list[128] = "one of", text[SHOWN_VALUE];
	const char *words[WORDS_MAX];
	size_t len = strlen(list), count = 0;
	if (store_if_word(k, base, value))
		return 0;
	for (const struct conf_word *w = k->words; w->word != NULL; w++) {
		(void)snprintf(list + len, sizeof list - len, " %s", w->word);
		len = strlen(list);
		if (count < WORDS_MAX)
			words[count++] = w->word;
	}
	/* Of two letters, any word is near. */
	const char *near =
		strlen(value) > 2 ? closest_word(value, strlen(value), words, count) : NULL;
	return conf_say(l, at, "\"%s\" takes %s, not %s%s%s%s", k->path, list,
		shown(text, k, value), near != NULL ? "; did you mean \"" : "",
		near != NULL ? near : "", near != NULL ? "\"?" : "");
}

/* Whether the text holds a C0 control or DEL. C1 controls are excluded by the YAML reader. */
static bool has_controls(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return true;
	}
	return false;
}

static int no_memory(struct conf_load *l, struct conf_mark at)
{
	return conf_say(l, at, "the configuration takes too much memory");
}

const char *conf_resolve(struct conf_load *l, const char *path, size_t len)
{
	/* "./" keeps a file of this name apart from a variable of the environment. */
	const char *dir = l->dir_len > 0 ? l->file : "./";
	size_t dir_len = l->dir_len > 0 ? l->dir_len : secret_env_of(path) != NULL ? 2 : 0;
	if (path[0] == '/' || dir_len == 0)
		return conf_keep(l->memory, path, len);
	char *text = conf_take(l->memory, dir_len + len + 1);
	if (text == NULL)
		return NULL;
	memcpy(text, dir, dir_len);
	memcpy(text + dir_len, path, len + 1);
	return text;
}

static int store_path(struct conf_load *l, const struct conf_key *k, void *base, const char *value,
	size_t len, struct conf_mark at)
{
	const char *there = text_at(k, base);
	const char *path = conf_resolve(l, value, len);
	if (path == NULL)
		return no_memory(l, at);
	if (k->type == CONF_SECRET && there != NULL && secret_env_of(there) != NULL)
		return conf_say(
			l, at, "\"%s\": an environment variable is given for it already", k->path);
	if (k->type == CONF_FILE) {
		char why[LIMIT_CONF_VALUE + LIMIT_WHY], text[LIMIT_CONF_VALUE];
		int fd = file_open_regular(path, why, sizeof why);
		(void)str_quote(text, sizeof text, path, strlen(path));
		if (fd == ERR_KEY)
			return conf_say(l, at, "\"%s\": %s is not a regular file", k->path, text);
		if (fd < 0)
			return conf_say(l, at, "\"%s\": %s cannot be read: %s", k->path, text,
				err_text(fd));
		(void)close(fd);
	}
	put_text(k, base, path);
	return 0;
}

/* A name of POSIX, 8.1. */
static int store_env(struct conf_load *l, const struct conf_key *k, void *base, const char *value,
	struct conf_mark at)
{
	static const char name[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789";
	char text[LIMIT_TEXT_SHORT + 8];
	const char *there = text_at(k, base);
	size_t len = strlen(value);
	if (len > LIMIT_TEXT_SHORT || value[strspn(value, name)] != '\0' ||
		(value[0] >= '0' && value[0] <= '9'))
		return wants(l, k, value, at, "the name of an environment variable");
	if (there != NULL && secret_env_of(there) == NULL)
		return conf_say(l, at, "\"%s\": a file is given for it already", k->path);
	int n = snprintf(text, sizeof text, "env:%s", value);
	const char *kept = conf_intern(l->memory, text, (size_t)n);
	if (kept == NULL)
		return no_memory(l, at);
	put_text(k, base, kept);
	return 0;
}

static int check_text(struct conf_load *l, const struct conf_key *k, const char *value, size_t len,
	struct conf_mark at)
{
	char why[LIMIT_WHY];
	char text[SHOWN_VALUE];
	struct conf_url url;
	struct conf_range range;
	uint8_t address[16];
	int err = 0;
	if (k->type == CONF_URL)
		err = conf_url_parse(&url, value, why, sizeof why);
	else if (k->type == CONF_PROXY)
		err = conf_proxy_parse(&url, value, why, sizeof why);
	else if (k->type == CONF_RANGE &&
		 !(k->takes_names && conf_name_parse(value, &(size_t){0}, &(uint16_t){0})))
		err = conf_range_parse(&range, value, why, sizeof why);
	if (err < 0)
		return conf_say(l, at, "\"%s\": %s %s", k->path, shown(text, k, value), why);
	if (k->type == CONF_ADDRESS && inet_pton(AF_INET, value, address) != 1 &&
		inet_pton(AF_INET6, value, address) != 1)
		return wants(l, k, value, at, "a numeric IPv4 or IPv6 address");
	if (k->type == CONF_TEXT && (len < k->min || len > k->max))
		return conf_say(l, at, "\"%s\" takes %llu to %llu bytes of text, not %zu", k->path,
			(unsigned long long)k->min, (unsigned long long)k->max, len);
	return 0;
}

/* At the end of the list: each of its texts is stored by itself. */
static void append_nets(char *at, struct conf_nets *nets)
{
	struct conf_nets *last;
	memcpy(&last, at, sizeof last);
	if (last == NULL) {
		memcpy(at, &nets, sizeof nets);
		return;
	}
	while (last->more != NULL)
		last = last->more;
	last->more = nets;
}

static int store_nets(struct conf_load *l, const struct conf_key *k, void *base, const char *value,
	struct conf_mark at)
{
	char why[LIMIT_WHY];
	size_t most = conf_nets_max(value);
	most = most < LIMIT_CONF_NETS ? most : LIMIT_CONF_NETS;
	_Static_assert(LIMIT_CONF_NETS * sizeof(struct conf_net) + 16 <= LIMIT_ARENA_BLOCK,
		"a block of the arena is the most that can be taken at once");
	struct conf_nets *nets = conf_take(l->memory, sizeof *nets);
	struct conf_net *net = conf_take(l->memory, most * sizeof *net);
	if (nets == NULL || net == NULL)
		return no_memory(l, at);
	if (conf_nets_parse(nets, net, most, value, why, sizeof why) < 0)
		return conf_say(l, at, "\"%s\": %s", k->path, why);
	append_nets((char *)base + k->offset, nets);
	return 0;
}

/* Kinds of devices, and networks. */
static int store_accept(struct conf_load *l, const struct conf_key *k, void *base,
	const char *value, struct conf_mark at)
{
	struct conf_accept *accept = (void *)((char *)base + k->offset);
	struct text t;
	while (text_take_entry(&value, &t)) {
		char word[LIMIT_CONF_VALUE + 1];
		uint32_t kind = 0;
		(void)snprintf(word, sizeof word, "%.*s", TEXT_ARG(t));
		for (const struct conf_word *w = k->words; w->word != NULL; w++)
			kind |= strcmp(w->word, word) == 0 ? 1u << w->value : 0;
		bool is_address = word[strcspn(word, ".:")] != '\0';
		struct conf_key nets = *k;
		nets.offset = (uint16_t)(k->offset + offsetof(struct conf_accept, nets));
		accept->kinds |= kind;
		if (kind == 0 && !is_address)
			return store_word(l, k, base, word, at); /* the message */
		if (kind == 0 && store_nets(l, &nets, base, word, at) < 0)
			return ERR_CONF;
	}
	return 0;
}

static int store_calendar(struct conf_load *l, const struct conf_key *k, void *base,
	const char *value, struct conf_mark at)
{
	struct calendar *c = (void *)((char *)base + k->offset);
	const char *rest = value;
	struct text t;
	while (text_take_entry(&rest, &t)) {
		const char *wanted =
			k->type == CONF_TIMES ? conf_times_parse(c, t) : conf_weekdays_parse(c, t);
		if (wanted != NULL)
			return wants(l, k, value, at, wanted);
	}
	return 0;
}

static int store_fields(struct conf_load *l, const struct conf_key *k, void *base,
	const char *value, struct conf_mark at)
{
	struct policy *policy = (void *)((char *)base + k->offset);
	char why[LIMIT_WHY];
	struct text t;
	while (text_take_entry(&value, &t)) {
		if (!conf_field_leave_out(policy, t, why, sizeof why))
			return conf_say(l, at, "\"%s\": %s", k->path, why);
	}
	return 0;
}

static int store_pins(struct conf_load *l, const struct conf_key *k, void *base, const char *value,
	struct conf_mark at)
{
	static const char prefix[] = "sha256/";
	struct conf_pins *pins = (void *)((char *)base + k->offset);
	const char *rest = value;
	struct text t;
	while (text_take_entry(&rest, &t)) {
		size_t n = sizeof prefix - 1;
		uint8_t digest[sizeof pins->pin[0]];
		char text[sizeof prefix + BASE64_CHARS(sizeof digest)];
		(void)snprintf(text, sizeof text, "%.*s", TEXT_ARG(t));
		if (t.len >= sizeof text || strncmp(text, prefix, n) != 0 ||
			base64_decode(digest, sizeof digest, text + n) != sizeof digest)
			return wants(l, k, value, at,
				"sha256/ and the Base64 of 32 bytes, the digest of a public key");
		if (pins->count == LIMIT_SPKI_PINS)
			return conf_say(
				l, at, "\"%s\" takes at most %d digests", k->path, LIMIT_SPKI_PINS);
		memcpy(pins->pin[pins->count++], digest, sizeof digest);
	}
	return 0;
}

int conf_store(struct conf_load *l, const struct conf_key *k, void *base, const char *value,
	size_t len, struct conf_mark at)
{
	if (has_controls(value, len))
		return conf_say(l, at, "\"%s\" holds a control character", k->path);
	if (len > LIMIT_CONF_VALUE)
		return conf_say(l, at, "\"%s\" is longer than %d bytes", k->path, LIMIT_CONF_VALUE);
	switch (k->type) {
	case CONF_COUNT:
	case CONF_DURATION:
	case CONF_SIZE:
		return store_number(l, k, base, value, at);
	case CONF_WORD:
		return store_word(l, k, base, value, at);
	case CONF_PATH:
	case CONF_FILE:
	case CONF_SECRET:
		return store_path(l, k, base, value, len, at);
	case CONF_ENV:
		return store_env(l, k, base, value, at);
	case CONF_TEXT:
	case CONF_URL:
	case CONF_PROXY:
	case CONF_ADDRESS:
	case CONF_RANGE: {
		if (check_text(l, k, value, len, at) < 0)
			return ERR_CONF;
		const char *text = conf_intern(l->memory, value, len);
		if (text == NULL)
			return no_memory(l, at);
		put_text(k, base, text);
		return 0;
	}
	case CONF_NETS:
		return store_nets(l, k, base, value, at);
	case CONF_ACCEPT:
		return store_accept(l, k, base, value, at);
	case CONF_TIMES:
	case CONF_WEEKDAYS:
		return store_calendar(l, k, base, value, at);
	case CONF_FIELDS:
		return store_fields(l, k, base, value, at);
	case CONF_PINS:
		return store_pins(l, k, base, value, at);
	case CONF_LIST:
		break;
	}
	return wants(l, k, value, at, "a list");
}

int conf_store_presets(struct conf_load *l, const struct conf_table *t, void *base)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_key *k = &t->keys[i];
		if (k->preset == NULL)
			continue;
		int err = conf_store(
			l, k, base, k->preset, strlen(k->preset), (struct conf_mark){.line = 0});
		if (err < 0)
			return err;
	}
	return 0;
}
