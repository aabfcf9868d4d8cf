/* SPDX-License-Identifier: Apache-2.0
 * platen-sim: thousands of synthetic printers in one process, one thread. It loads the profiles,
 * makes the printers, opens the sockets, prints the ready line and serves until SIGTERM, SIGINT or
 * the command "quit". Manual: docs/sim.md. */
#include "tools/sim/control.h"
#include "tools/sim/options.h"
#include "tools/sim/faults.h"

#include "proto/recording/recording.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { READ_MAX = 32 << 20 };

struct sim {
	struct options options;
	struct profile *profile[FLEET_PROFILES];
	size_t profiles, printer_profiles;
	struct recording walk[OPTIONS_FILES];
	size_t walks;
	struct fleet fleet;
	struct responder responder;
	struct net *net;
	struct control *control;
	int epoll, signals;
};

/* A whole file, at most READ_MAX bytes; NULL with a line on stderr. */
static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *bytes = NULL;
	size_t cap = 0, n = 0;
	while (f != NULL && n <= READ_MAX) {
		if (n == cap) {
			cap = cap == 0 ? 65536 : cap * 2;
			char *grown = realloc(bytes, cap);
			if (grown == NULL)
				break;
			bytes = grown;
		}
		size_t got = fread(bytes + n, 1, cap - n, f);
		n += got;
		if (got == 0)
			break;
	}
	bool is_whole = f != NULL && n <= READ_MAX && feof(f) && !ferror(f);
	if (!is_whole) {
		fprintf(stderr, "platen-sim: %s: %s\n", path,
			n > READ_MAX ? "larger than 32 MiB" : strerror(errno));
		free(bytes);
		bytes = NULL;
	}
	if (f != NULL)
		(void)fclose(f); /* only read */
	*len = n;
	return bytes;
}

/* Profiles of devices that are no printers. */
static bool is_other(const char *name)
{
	return strncmp(name, "other-", 6) == 0;
}

static int add_profile(struct sim *s, struct profile *p, const char *origin, const char *why)
{
	if (p == NULL) {
		fprintf(stderr, "platen-sim: %s: %s\n", origin, why);
		return ERR_CONF;
	}
	if (s->profiles == FLEET_PROFILES) {
		fprintf(stderr, "platen-sim: over %d profiles\n", FLEET_PROFILES);
		profile_close(p);
		return ERR_LIMIT;
	}
	s->profile[s->profiles++] = p;
	return 0;
}

static int add_embedded(struct sim *s, const struct embedded_profile *e)
{
	char why[LIMIT_WHY];
	struct profile *p = profile_from_text((const char *)e->text, e->len, why);
	return add_profile(s, p, e->name, why);
}

/* "hp,xerox-mono" in this order, or all. */
static int add_named(struct sim *s, const char *names)
{
	const struct embedded_profile *e;
	if (names == NULL) {
		for (e = embedded_profiles; e->name != NULL; e++) {
			int err = is_other(e->name) ? 0 : add_embedded(s, e);
			if (err < 0)
				return err;
		}
		return 0;
	}
	while (*names != '\0') {
		size_t n = strcspn(names, ",");
		for (e = embedded_profiles; e->name != NULL; e++)
			if (strlen(e->name) == n && memcmp(e->name, names, n) == 0)
				break;
		if (e->name == NULL) {
			fprintf(stderr,
				"platen-sim: unknown profile \"%.*s\" (see --list-profiles)\n",
				(int)n, names);
			return ERR_USAGE;
		}
		int err = add_embedded(s, e);
		if (err < 0)
			return err;
		names += n + (names[n] == ',' ? 1 : 0);
	}
	return 0;
}

static int add_profile_file(struct sim *s, const char *path)
{
	char why[LIMIT_WHY];
	size_t len;
	char *text = read_file(path, &len);
	if (text == NULL)
		return ERR_CONF;
	struct profile *p = profile_from_text(text, len, why);
	free(text);
	return add_profile(s, p, path, why);
}

static void warn_of_damage(void *path, const char *why)
{
	fprintf(stderr, "platen-sim: warning: %s: %s: skipped\n", (const char *)path, why);
}

static int add_recording(struct sim *s, const char *path)
{
	char why[LIMIT_WHY];
	size_t len;
	const char *slash = strrchr(path, '/');
	int format = recording_format_of(path);
	if (format < 0) {
		fprintf(stderr, "platen-sim: %s: unknown ending of a recording (docs/sim.md)\n",
			path);
		return format;
	}
	char *bytes = read_file(path, &len);
	if (bytes == NULL)
		return ERR_CONF;
	struct recording *w = &s->walk[s->walks];
	int err = recording_parse_lenient(w, (enum recording_format)format,
		s->options.keep_last ? RECORDING_KEEP_LAST : RECORDING_KEEP_FIRST, bytes, len,
		warn_of_damage, (void *)path, why);
	free(bytes);
	if (err < 0) {
		fprintf(stderr, "platen-sim: %s: %s\n", path, why);
		return err;
	}
	s->walks++;
	struct profile *p = profile_from_recording(slash == NULL ? path : slash + 1, w, why);
	return add_profile(s, p, path, why);
}

/* All profiles of other devices, behind those of the printers. */
static int add_others(struct sim *s)
{
	int err = 0;
	s->printer_profiles = s->profiles;
	for (const struct embedded_profile *e = embedded_profiles; err == 0 && e->name != NULL; e++)
		if (is_other(e->name))
			err = add_embedded(s, e);
	return err;
}

static int load_profiles(struct sim *s)
{
	const struct options *o = &s->options;
	int err = 0;
	if (o->profiles != NULL || (o->recordings == 0 && o->profile_files == 0))
		err = add_named(s, o->profiles);
	for (size_t i = 0; err == 0 && i < o->profile_files; i++)
		err = add_profile_file(s, o->profile_file[i]);
	for (size_t i = 0; err == 0 && i < o->recordings; i++)
		err = add_recording(s, o->recording[i]);
	if (err == 0 && s->profiles == 0) {
		fprintf(stderr, "platen-sim: no profile\n");
		err = ERR_USAGE;
	}
	return err < 0 ? err : add_others(s);
}

/* Printers that never respond. The salt must stay, so that a seed keeps choosing the same ones. */
static int silence(struct fleet *f, const char *list)
{
	uint8_t *chosen = malloc(f->count);
	int err = chosen == NULL ? -ENOMEM : faults_pick(f, list, 0x51e47ull, chosen);
	if (err == ERR_USAGE)
		fprintf(stderr, "platen-sim: --silent-list: numbers below %zu, as 3,5,7-9\n",
			f->count);
	for (size_t i = 0; err == 0 && i < f->count; i++)
		f->printers[i].is_silent = f->printers[i].is_silent || chosen[i] != 0;
	free(chosen);
	return err;
}

/* Silent printers, faults and shared engineIDs. */
static int shape_printers(struct sim *s)
{
	const struct options *o = &s->options;
	struct fleet *f = &s->fleet;
	char why[LIMIT_WHY] = "", share[16];
	size_t last = o->silent_last < f->count ? o->silent_last : f->count;
	for (size_t i = f->count - last; i < f->count; i++)
		f->printers[i].is_silent = true;
	snprintf(share, sizeof share, "%u%%", o->silent_percent);
	int err = silence(f, share);
	if (err == 0 && o->silent_list != NULL)
		err = silence(f, o->silent_list);
	for (size_t i = 0; err == 0 && i < o->faults; i++)
		err = faults_give(f, o->fault[i], why);
	for (size_t i = 0; err == 0 && i < o->duplicates; i++)
		err = faults_share_engine(f, o->duplicate[i], why);
	if (err < 0)
		fprintf(stderr, "platen-sim: %s\n", why[0] == '\0' ? err_text(err) : why);
	return err;
}

static int make_printers(struct sim *s)
{
	const struct options *o = &s->options;
	struct fleet_options how = {.printers = o->printers,
		.others = o->others,
		.addresses = {.base = o->base,
			.second = o->second,
			.network = o->network,
			.spread_size = o->spread_size,
			.is_mixed = o->is_mixed},
		.seed = o->seed,
		.epoch_ms = o->epoch_ms == 0 ? net_clock_ms() : o->epoch_ms,
		.job_interval_ms = o->job_interval_ms,
		.profiles = (const struct profile *const *)s->profile,
		.profile_count = s->printer_profiles,
		.other_profiles = (const struct profile *const *)s->profile + s->printer_profiles,
		.other_count = s->profiles - s->printer_profiles};
	int err = fleet_open(&s->fleet, &how);
	if (err < 0) {
		fprintf(stderr, "platen-sim: printers: %s\n", err_text(err));
		return err;
	}
	return shape_printers(s);
}

static int watch(struct sim *s, int fd, uint32_t what)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.u32 = what};
	if (fd < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) < 0) {
		fprintf(stderr, "platen-sim: epoll: %s\n", strerror(errno));
		return -errno;
	}
	return 0;
}

enum { WATCH_NET, WATCH_CONTROL, WATCH_SIGNALS };

/* Reads --v3 first: of two users with one name, that of the file wins. */
static int add_users(struct sim *s)
{
	const struct options *o = &s->options;
	struct users *u = &s->responder.users;
	uint32_t last = (uint32_t)s->fleet.count - 1;
	char why[LIMIT_WHY] = "";
	int err = 0;
	for (size_t i = 0; err == 0 && i < o->users; i++)
		err = users_add_line(u, o->user[i], 0, last, why);
	if (err == 0 && o->users_file != NULL)
		err = users_read(u, o->users_file, last, why);
	if (err < 0)
		fprintf(stderr, "platen-sim: SNMPv3 users: %s\n", why);
	return err;
}

static int open_all(struct sim *s)
{
	char why[LIMIT_WHY] = "";
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	s->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	int err = responder_open(
		&s->responder, &s->fleet, s->options.community, s->options.max_response);
	if (err < 0)
		return err;
	struct responder *a = &s->responder;
	for (; a->denied_count < s->options.denied_count; a->denied_count++) {
		a->denied[a->denied_count].network = s->options.denied[a->denied_count].network;
		a->denied[a->denied_count].mask = ~(s->options.denied[a->denied_count].size - 1);
	}
	err = add_users(s);
	if (err < 0)
		return err;
	s->net = net_open(&s->responder, &s->options.net, why);
	if (s->net != NULL && s->options.control != NULL)
		s->control = control_open(s->options.control, &s->responder, s->net, why);
	if (s->net == NULL || (s->options.control != NULL && s->control == NULL)) {
		fprintf(stderr, "platen-sim: %s\n", why);
		return ERR_CONF;
	}
	err = watch(s, net_fd(s->net), WATCH_NET);
	if (err == 0)
		err = watch(s, s->signals, WATCH_SIGNALS);
	if (err == 0 && s->control != NULL)
		err = watch(s, control_fd(s->control), WATCH_CONTROL);
	return err;
}

static void say_ready(const struct sim *s)
{
	struct in_addr in = {htonl(addresses_get(&s->fleet.addresses, 0))};
	char first[INET_ADDRSTRLEN];
	if (inet_ntop(AF_INET, &in, first, sizeof first) == NULL)
		first[0] = '\0';
	printf("{\"ready\":true,\"port\":%u,\"first\":\"%s\",\"printers\":%zu,\"seed\":%llu,"
	       "\"epoch_ms\":%llu,\"profiles\":%zu,\"receive_bytes\":%d,\"others\":%zu,"
	       "\"port6\":%u,\"printers6\":%u}\n",
		net_port(s->net), first, s->fleet.count - s->fleet.others,
		(unsigned long long)s->fleet.seed, (unsigned long long)s->fleet.epoch_ms,
		s->printer_profiles, net_receive_bytes(s->net), s->fleet.others, net_port6(s->net),
		s->options.net.v6);
	(void)fflush(stdout);
}

static void serve(struct sim *s)
{
	bool is_done = false;
	while (!is_done) {
		struct epoll_event ev[4];
		int n = epoll_wait(s->epoll, ev, 4, -1);
		if (n < 0 && errno != EINTR)
			return;
		for (int i = 0; i < n; i++) {
			if (ev[i].data.u32 == WATCH_NET)
				net_work(s->net);
			else if (ev[i].data.u32 == WATCH_SIGNALS)
				is_done = true;
			else
				is_done = control_work(s->control) || is_done;
		}
	}
}

static void say_counts(const struct sim *s)
{
	json_t *stats = command_stats(&s->responder, s->net);
	char *text = json_dumps(stats, JSON_COMPACT);
	fprintf(stderr, "platen-sim: %s\n", text == NULL ? "no counts" : text);
	free(text);
	json_decref(stats);
}

static int run(const struct cli *cli)
{
	static struct sim s;
	s.epoll = s.signals = -1;
	if (options_read(&s.options, cli) < 0)
		return CLI_USAGE;
	if (s.options.is_list) {
		for (const struct embedded_profile *e = embedded_profiles; e->name != NULL; e++)
			if (is_other(e->name) == s.options.is_list_others)
				puts(e->name);
		return cli_finish(cli);
	}
	int err = load_profiles(&s);
	if (err == 0)
		err = make_printers(&s);
	if (err == 0)
		err = open_all(&s);
	if (err == 0) {
		say_ready(&s);
		serve(&s);
		say_counts(&s);
	}
	control_close(s.control);
	net_close(s.net);
	responder_close(&s.responder);
	fleet_close(&s.fleet);
	for (size_t i = 0; i < s.profiles; i++)
		profile_close(s.profile[i]);
	for (size_t i = 0; i < s.walks; i++)
		recording_close(&s.walk[i]);
	if (s.signals >= 0)
		close(s.signals);
	if (s.epoll >= 0)
		close(s.epoll);
	return err < 0 ? 1 : 0;
}

static const struct cli_verb verb = {.name = "platen-sim",
	.details =
		"The printers are on the loopback device, for tests and measurements. One JSON "
		"line "
		"on stdout tells that they respond. SIGTERM ends the program and prints its counts "
		"on stderr.",
	.options = {options_table},
	.run = run};

static const struct cli_program program = {
	.name = "platen-sim", .summary = "simulates printers that respond to SNMP", .only = &verb};

int main(int argc, char **argv)
{
	return cli_main(&program, argc, argv);
}
