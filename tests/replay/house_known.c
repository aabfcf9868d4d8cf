/* SPDX-License-Identifier: Apache-2.0
 * What is remembered of devices, in memory: it outlives the fleet, as the file outlives the agent.
 */
#include "tests/replay/house.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static void write_all(struct known *k)
{
	while (!list_is_empty(&k->waiting)) {
		struct known_put *put = container_of(list_pop(&k->waiting), struct known_put, node);
		struct known_device row;
		memset(&row, 0, sizeof row);
		put->is_waiting = false;
		if (put->fill(put, &row) == 0)
			continue;
		size_t i = 0;
		while (i < k->count &&
			k->rows[i].address.in4.sin_addr.s_addr != row.address.in4.sin_addr.s_addr)
			i++;
		if (i == HOUSE_KNOWN)
			abort();
		k->rows[i] = row;
		k->count += i == k->count;
		k->written++;
	}
}

static void on_due(struct due *due)
{
	write_all(container_of(due, struct known, due));
}

void known_put(struct known *k, struct known_put *put)
{
	if (put->is_waiting)
		return;
	list_init(&put->node);
	list_push(&k->waiting, &put->node);
	put->is_waiting = true;
	if (!due_is_set(&k->due) && due_set(&k->loop->heap, &k->due, k->loop->now_ms + 500) < 0)
		abort();
}

void known_event(struct known *k, const struct known_event *event)
{
	k->events++;
	k->last = *event;
}

int known_each(
	struct known *k, int (*each)(void *owner, const struct known_device *row), void *owner)
{
	for (size_t i = 0; i < k->count; i++) {
		int err = each(owner, &k->rows[i]);
		if (err < 0)
			return err;
	}
	return 0;
}

void house_known_open(struct known *k, struct loop *l)
{
	k->loop = l;
	list_init(&k->waiting);
	due_init(&k->due, on_due);
}

void house_known_flush(struct known *k)
{
	due_clear(&k->loop->heap, &k->due);
	write_all(k);
}
