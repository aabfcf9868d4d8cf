/* SPDX-License-Identifier: Apache-2.0
 * A fleet in the sim world, with a device store that outlives it: it is started, stopped and
 * started again. Order of calls: scene_begin, changes to the scene, scene_start, scene_run ...,
 * scene_finish. */
#ifndef PLATEN_TESTS_REPLAY_SCENE_H
#define PLATEN_TESTS_REPLAY_SCENE_H

#include "engine/fleet/fleet.h"
#include "tests/replay/world.h"

struct scene {
	struct world world;
	struct device_store store;
	struct fleet *fleet;
	struct roster *roster;
	struct agent_conf conf;
	struct rate_limit_options rate_limit;
	uint64_t interval_ms;
	size_t window;
	bool has_store; /* the fleet uses it */
	bool is_idle;
};

/* A world of so many printers, polled at this interval; 0: once. One scene at a time. */
struct scene *scene_begin(size_t printers, uint64_t interval_ms);

/* Starts the fleet with the profiles that the store holds. */
void scene_start(struct scene *s);

/* Stops the fleet and writes the rows that wait. */
void scene_stop(struct scene *s);

/* Stops the fleet and closes the world. No printer had two requests in flight, and every record was
 * true. */
void scene_finish(struct scene *s);

/* Lets virtual time pass. */
void scene_run(struct scene *s, uint64_t ms);

/* The device of printer i. */
struct device *scene_device(const struct scene *s, size_t i);

#endif
