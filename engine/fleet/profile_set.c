/* SPDX-License-Identifier: Apache-2.0
 * Profiles of devices that are added while the agent runs: read from the device store's file on a
 * worker, beside the connection that writes to it. */
#include "engine/fleet/profile.h"

#include "proto/base/grow.h"
#include "engine/store/address_key.h"
#include "engine/store/db.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct find {
	struct profile_set *found;
	const struct address_key *wanted; /* sorted */
	size_t count;
};

static int by_key(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct address_key));
}

static int by_row(const void *a, const void *b)
{
	struct address_key x = address_key_of(&((const struct device_row *)a)->address.sa);
	struct address_key y = address_key_of(&((const struct device_row *)b)->address.sa);
	return by_key(&x, &y);
}

static int on_found(void *owner, const struct device_row *row)
{
	struct find *f = owner;
	struct profile_set *s = f->found;
	struct address_key key = address_key_of(&row->address.sa);
	if (bsearch(&key, f->wanted, f->count, sizeof key, by_key) == NULL)
		return 0;
	struct device_row *rows = grow_by_one(s->rows, s->count, &s->cap, sizeof rows[0]);
	if (rows == NULL)
		return -ENOMEM;
	s->rows = rows;
	s->rows[s->count++] = *row;
	return 0;
}

int profile_set_read(
	struct profile_set *ret, const char *dir, const struct conf_device *of, size_t count)
{
	char why[LIMIT_WHY];
	struct db *db;
	*ret = (struct profile_set){.count = 0};
	int err = device_store_view_open(&db, dir, why, sizeof why);
	if (err < 0)
		return err;
	struct address_key *wanted = malloc((count > 0 ? count : 1) * sizeof *wanted);
	for (size_t i = 0; wanted != NULL && i < count; i++)
		wanted[i] = address_key_of(&of[i].address.sa);
	if (wanted != NULL)
		qsort(wanted, count, sizeof *wanted, by_key);
	struct find find = {ret, wanted, count};
	err = wanted == NULL ? -ENOMEM : device_store_view_each(db, on_found, &find);
	db_close(db);
	free(wanted);
	if (err < 0)
		profile_set_free(ret);
	else if (ret->count > 0)
		qsort(ret->rows, ret->count, sizeof ret->rows[0], by_row);
	return err;
}

void profile_set_apply(const struct profile_set *s, struct device *dev)
{
	struct device_row key = {0}, copy;
	struct loop *l = roster_loop(dev->roster);
	memcpy(&key.address, &dev->peer.address, sizeof key.address);
	const struct device_row *row =
		s->count == 0 ? NULL : bsearch(&key, s->rows, s->count, sizeof s->rows[0], by_row);
	if (row == NULL || dev->profile.limits.was_polled)
		return;
	copy = *row;
	device_profile_from_wall(&copy.profile, loop_now_ms(l), loop_wall_ms(l));
	profile_restore(dev, &copy);
}

void profile_set_free(struct profile_set *s)
{
	free(s->rows);
	*s = (struct profile_set){.count = 0};
}
