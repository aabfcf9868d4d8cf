/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/replay/scene.h"

#include "engine/fleet/profile.h"
#include "tests/kit/roster_nth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void on_idle(void *owner)
{
	((struct scene *)owner)->is_idle = true;
}

static void on_due(void *owner, struct device *dev)
{
	fleet_on_due(((struct scene *)owner)->fleet, dev);
}

void scene_start(struct scene *s)
{
	static const struct fleet_events events = {.on_idle = on_idle};
	struct fleet_options options = {
		.interval_ms = s->interval_ms, .window = s->window, .rate_limit = s->rate_limit};
	struct conf_error err;
	s->is_idle = false;
	s->conf.devices_max = s->world.count;
	assert_int_equal(
		roster_open(&s->roster, &s->world.loop, &s->conf, NULL, on_due, s, &err), 0);
	world_device_store_open(&s->store, &s->world.loop);
	if (s->has_store) {
		options.device_store = &s->store;
		assert_int_equal(profile_load(s->roster, &s->store), s->store.count);
	}
	assert_int_equal(fleet_open(&s->fleet, &s->world.loop, &s->world.client, &s->world.spool,
				 s->roster, &options, &events, s),
		0);
	assert_int_equal(roster_start(s->roster, s->interval_ms / 10), 0);
}

struct scene *scene_begin(size_t printers, uint64_t interval_ms)
{
	static struct scene scene;
	struct scene *s = &scene;
	memset(s, 0, sizeof *s);
	world_open(&s->world, printers);
	s->interval_ms = interval_ms;
	s->window = 64;
	s->has_store = true;
	return s;
}

void scene_stop(struct scene *s)
{
	fleet_stop(s->fleet);
	world_run_until(&s->world, s->world.loop.now_ms + 60000);
	assert_true(s->is_idle);
	world_device_store_flush(&s->store);
	fleet_close(s->fleet);
	roster_close(s->roster);
	s->fleet = NULL;
}

void scene_finish(struct scene *s)
{
	scene_stop(s);
	for (size_t i = 0; i < s->world.count; i++)
		assert_int_equal(s->world.printers[i].max_in_flight, 1);
	assert_int_equal(s->world.wrong, 0);
	world_close(&s->world);
}

void scene_run(struct scene *s, uint64_t ms)
{
	world_run_until(&s->world, s->world.loop.now_ms + ms);
}

struct device *scene_device(const struct scene *s, size_t i)
{
	return roster_nth(s->roster, i);
}
