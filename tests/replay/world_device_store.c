/* SPDX-License-Identifier: Apache-2.0
 * Device store in memory: it outlives the fleet, as the file outlives the agent.
 */
#include "tests/replay/world.h"

#include "engine/loop/loop.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static void write_all(struct device_store *k)
{
	while (!list_is_empty(&k->waiting)) {
		struct device_store_put *put =
			container_of(list_pop(&k->waiting), struct device_store_put, node);
		struct device_row row;
		memset(&row, 0, sizeof row);
		put->is_waiting = false;
		if (put->fill(put, &row) == 0)
			continue;
		size_t i = 0;
		while (i < k->count &&
			k->rows[i].address.in4.sin_addr.s_addr != row.address.in4.sin_addr.s_addr)
			i++;
		if (i == WORLD_DEVICES)
			abort();
		device_profile_to_wall(&row.profile, k->loop->now_ms, loop_wall_ms(k->loop));
		k->rows[i] = row;
		k->count += i == k->count;
		k->written++;
	}
}

static void on_due(struct due *due)
{
	write_all(container_of(due, struct device_store, due));
}

void device_store_put(struct device_store *k, struct device_store_put *put)
{
	if (put->is_waiting)
		return;
	list_init(&put->node);
	list_push(&k->waiting, &put->node);
	put->is_waiting = true;
	if (!due_is_set(&k->due) && due_set(&k->loop->heap, &k->due, k->loop->now_ms + 500) < 0)
		abort();
}

void device_store_add_event(struct device_store *k, const struct device_event *event)
{
	k->events++;
	k->last = *event;
}

int device_store_each(
	struct device_store *k, int (*each)(void *owner, const struct device_row *row), void *owner)
{
	for (size_t i = 0; i < k->count; i++) {
		struct device_row row = k->rows[i];
		device_profile_from_wall(&row.profile, k->loop->now_ms, loop_wall_ms(k->loop));
		int err = each(owner, &row);
		if (err < 0)
			return err;
	}
	return 0;
}

void world_device_store_open(struct device_store *k, struct loop *l)
{
	k->loop = l;
	list_init(&k->waiting);
	due_init(&k->due, on_due);
}

void world_device_store_flush(struct device_store *k)
{
	due_clear(&k->loop->heap, &k->due);
	write_all(k);
}
