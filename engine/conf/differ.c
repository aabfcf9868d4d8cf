/* SPDX-License-Identifier: Apache-2.0
 * The keys whose values differ between two configurations, by the key table. */
#include "engine/conf/load.h"

#include "proto/base/log.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_nets(const struct conf_nets *a, const struct conf_nets *b)
{
	size_t i = 0, j = 0;
	/* The same networks in more or fewer texts are equal. */
	for (;; i++, j++) {
		for (; a != NULL && i == a->count; i = 0)
			a = a->more;
		for (; b != NULL && j == b->count; j = 0)
			b = b->more;
		if (a == NULL || b == NULL)
			return a == b;
		const struct conf_net *x = &a->net[i], *y = &b->net[j];
		if (x->prefix != y->prefix || x->is_v6 != y->is_v6 ||
			memcmp(x->bytes, y->bytes, sizeof x->bytes) != 0)
			return false;
	}
}

static const void *pointer_at(const void *base, const struct conf_key *k)
{
	const void *p;
	memcpy(&p, (const char *)base + k->offset, sizeof p);
	return p;
}

/* Anything but a list. */
static bool same_value(const struct conf_key *k, const void *a, const void *b)
{
	switch (k->type) {
	case CONF_WORD:
	case CONF_COUNT:
	case CONF_DURATION:
	case CONF_SIZE:
		return memcmp((const char *)a + k->offset, (const char *)b + k->offset, k->size) ==
		       0;
	case CONF_NETS:
		return same_nets(pointer_at(a, k), pointer_at(b, k));
	case CONF_ACCEPT: {
		const struct conf_accept *x = (const void *)((const char *)a + k->offset);
		const struct conf_accept *y = (const void *)((const char *)b + k->offset);
		return x->kinds == y->kinds && same_nets(x->nets, y->nets);
	}
	case CONF_TIMES: {
		const struct calendar *x = (const void *)((const char *)a + k->offset);
		const struct calendar *y = (const void *)((const char *)b + k->offset);
		return x->count == y->count &&
		       memcmp(x->times, y->times, x->count * sizeof x->times[0]) == 0;
	}
	case CONF_WEEKDAYS: {
		const struct calendar *x = (const void *)((const char *)a + k->offset);
		const struct calendar *y = (const void *)((const char *)b + k->offset);
		return x->weekdays == y->weekdays;
	}
	case CONF_PINS: {
		const struct conf_pins *x = (const void *)((const char *)a + k->offset);
		const struct conf_pins *y = (const void *)((const char *)b + k->offset);
		return x->count == y->count &&
		       memcmp(x->pin, y->pin, x->count * sizeof x->pin[0]) == 0;
	}
	case CONF_TEXT:
	case CONF_PROXY:
	case CONF_PATH:
	case CONF_FILE:
	case CONF_SECRET:
	case CONF_URL:
	case CONF_ADDRESS:
	case CONF_RANGE:
		return same_text(pointer_at(a, k), pointer_at(b, k));
	case CONF_FIELDS: { /* of a file of its own */
		const struct policy *x = (const void *)((const char *)a + k->offset);
		const struct policy *y = (const void *)((const char *)b + k->offset);
		return x->id == y->id;
	}
	case CONF_ENV:
		return true; /* the key of the file has the same place */
	case CONF_LIST:
		break;
	}
	return false;
}

static bool same_item(const struct conf_table *t, const void *a, const void *b)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_key *k = &t->keys[i];
		/* A community that came from a file is where one in the configuration would be. */
		bool is_read = k->is_private &&
			       (((const struct conf_item *)a)->given >> i & 1) == 0 &&
			       (((const struct conf_item *)b)->given >> i & 1) == 0;
		if (!is_read && !same_value(k, a, b))
			return false;
	}
	return true;
}

static bool same_list(const struct conf_key *k, const void *a, const void *b)
{
	const struct conf_item *x = pointer_at(a, k), *y = pointer_at(b, k);
	while (x != NULL && y != NULL && same_item(k->items, x, y)) {
		x = x->next;
		y = y->next;
	}
	return x == NULL && y == NULL;
}

static void differ(const struct conf_table *t, const void *a, const void *b,
	void (*each)(void *owner, const char *path), void *owner)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct conf_key *k = &t->keys[i];
		bool is_same = k->type == CONF_LIST ? same_list(k, a, b) : same_value(k, a, b);
		if (!is_same)
			each(owner, k->path);
	}
}

void agent_conf_differ(const struct agent_conf *a, const struct agent_conf *b,
	void (*each)(void *owner, const char *path), void *owner)
{
	differ(&conf_agent_table, a, b, each, owner);
}

void hub_conf_differ(const struct hub_conf *a, const struct hub_conf *b,
	void (*each)(void *owner, const char *path), void *owner)
{
	differ(&conf_hub_table, a, b, each, owner);
}

void conf_log_restart(void *live, const char *path)
{
	for (const char *const *key = live; *key != NULL; key++) {
		if (strcmp(path, *key) == 0)
			return;
	}
	log_line(LOG_WARN, "conf", "key=%s what=\"changed: takes effect after a restart\"", path);
}
