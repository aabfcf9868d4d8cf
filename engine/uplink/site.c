/* SPDX-License-Identifier: Apache-2.0
 * Each fact that cannot be read stays absent. */
#include "engine/uplink/site.h"

#include "engine/loop/crypto.h"
#include "proto/base/hash.h"
#include "proto/base/str.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { SYSTEM_FILE = 8192 };

/* The first bytes of a file of the system, with a NUL behind; 0: it cannot be read. */
static size_t read_system(char dst[SYSTEM_FILE], const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	ssize_t n = read(fd, dst, SYSTEM_FILE - 1);
	(void)close(fd);
	dst[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* The rest of the first line that begins with `key`, after blanks, a colon or quotes. */
static bool find_line(char *dst, size_t cap, const char *file, const char *key)
{
	size_t n = strlen(key);
	for (const char *line = file; line != NULL && *line != '\0';) {
		const char *end = strchr(line, '\n');
		size_t len = end != NULL ? (size_t)(end - line) : strlen(line);
		if (len > n && strncmp(line, key, n) == 0) {
			struct text rest = {line + n, len - n};
			while (rest.len > 0 && strchr(" \t:=\"", rest.p[0]) != NULL)
				rest = (struct text){rest.p + 1, rest.len - 1};
			while (rest.len > 0 && rest.p[rest.len - 1] == '"')
				rest.len--;
			return text_scrub(dst, cap, rest) > 0;
		}
		line = end != NULL ? end + 1 : NULL;
	}
	return false;
}

/* ---- the system ---- */

static void collect_system(struct site_facts *f)
{
	char file[SYSTEM_FILE];
	struct utsname u;
	if (uname(&u) < 0)
		return;
	bool has_name = (read_system(file, "/etc/os-release") > 0 ||
				read_system(file, "/usr/lib/os-release") > 0) &&
			find_line(f->os, sizeof f->os, file, "PRETTY_NAME=");
	if (!has_name)
		(void)snprintf(f->os, sizeof f->os, "%.100s %.100s", u.sysname, u.release);
	f->info.os_bits =
		strstr(u.machine, "64") != NULL || strcmp(u.machine, "s390x") == 0 ? 64 : 32;
	/* On ARM the file names the board, not the processor. */
	bool has_cpu = read_system(file, "/proc/cpuinfo") > 0 &&
		       (find_line(f->cpu, sizeof f->cpu, file, "model name") ||
			       find_line(f->cpu, sizeof f->cpu, file, "Hardware"));
	size_t n = has_cpu ? 0 : read_system(file, "/proc/device-tree/model");
	if (n > 0)
		has_cpu = str_scrub(f->cpu, sizeof f->cpu, (const uint8_t *)file, n) > 0;
	if (!has_cpu)
		(void)str_copy(f->cpu, sizeof f->cpu, u.machine);
}

/* ---- memory ---- */

static bool read_number(const char *path, uint64_t *ret)
{
	char file[SYSTEM_FILE];
	char *end;
	if (read_system(file, path) == 0 || file[0] < '0' || file[0] > '9')
		return false; /* "max" */
	*ret = strtoull(file, &end, 10);
	return true;
}

/* The group's limit and use below the usual mount, of version 2 or 1. */
static bool read_group(const char *folder, uint64_t *limit, uint64_t *use)
{
	static const char *const names[][2] = {{"memory.max", "memory.current"},
		{"memory.limit_in_bytes", "memory.usage_in_bytes"}};
	for (size_t i = 0; i < 2; i++) {
		char path[PATH_MAX + 64];
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i][0]);
		if (!read_number(path, limit))
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder, names[i][1]);
		return read_number(path, use);
	}
	return false;
}

static void apply_limit(const char *folder, uint64_t *total, uint64_t *available)
{
	uint64_t limit, use;
	if (!read_group(folder, &limit, &use) || limit >= *total)
		return;
	*total = limit;
	if (limit - (use < limit ? use : limit) < *available)
		*available = limit - (use < limit ? use : limit);
}

static void collect_memory(struct site_facts *f)
{
	char file[SYSTEM_FILE], text[64], folder[PATH_MAX], group[PATH_MAX - 64];
	uint64_t total, available;
	if (read_system(file, "/proc/meminfo") == 0 ||
		!find_line(text, sizeof text, file, "MemTotal"))
		return;
	total = strtoull(text, NULL, 10) * 1024;
	available = find_line(text, sizeof text, file, "MemAvailable")
			    ? strtoull(text, NULL, 10) * 1024
			    : 0;
	apply_limit("/sys/fs/cgroup", &total, &available); /* inside a container */
	apply_limit("/sys/fs/cgroup/memory", &total, &available);
	if (read_system(file, "/proc/self/cgroup") > 0 &&
		find_line(group, sizeof group, file, "0::")) {
		(void)snprintf(folder, sizeof folder, "/sys/fs/cgroup%s", group);
		apply_limit(folder, &total, &available);
	}
	f->info.memory_mib = (uint32_t)(total >> 20);
	f->info.memory_free_mib = (uint32_t)(available >> 20);
}

/* ---- the disk ---- */

/* Files of the state directory: those of the device store, and the others. */
static void collect_files(struct site_facts *f, const char *dir)
{
	uint64_t store = 0, discovery = 0;
	DIR *d = opendir(dir);
	if (d == NULL)
		return;
	for (const struct dirent *e = readdir(d); e != NULL; e = readdir(d)) {
		struct stat st;
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
			!S_ISREG(st.st_mode))
			continue;
		*(strncmp(e->d_name, "discovery.", 10) == 0 ? &discovery : &store) +=
			(uint64_t)st.st_blocks * 512;
	}
	(void)closedir(d);
	f->info.store_kib = (uint32_t)((store + 1023) >> 10);
	f->info.discovery_kib = (uint32_t)((discovery + 1023) >> 10);
}

static void collect_disk(struct site_facts *f, const char *dir)
{
	struct statvfs st;
	collect_files(f, dir);
	if (statvfs(dir, &st) < 0)
		return;
	f->info.disk_mib = (uint32_t)((uint64_t)st.f_blocks * st.f_frsize >> 20);
	f->info.disk_free_mib = (uint32_t)((uint64_t)st.f_bavail * st.f_frsize >> 20);
}

/* ---- the network ---- */

static void collect_dns_name(struct site_facts *f, bool may_look_up)
{
	char host[HOST_NAME_MAX + 1];
	struct addrinfo hints = {.ai_flags = AI_CANONNAME}, *found = NULL;
	if (gethostname(host, sizeof host) < 0)
		return;
	host[sizeof host - 1] = '\0';
	(void)text_scrub(f->dns_name, sizeof f->dns_name, text_of(host));
	if (!may_look_up || strchr(host, '.') != NULL ||
		getaddrinfo(host, NULL, &hints, &found) != 0)
		return;
	if (found->ai_canonname != NULL && strchr(found->ai_canonname, '.') != NULL)
		(void)text_scrub(f->dns_name, sizeof f->dns_name, text_of(found->ai_canonname));
	freeaddrinfo(found);
}

/* A connected UDP socket sends nothing and has the address that the kernel would use. */
static void source_address(struct site_facts *f, const struct addrinfo *to)
{
	struct sockaddr_storage own;
	socklen_t len = sizeof own;
	int fd = socket(to->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, to->ai_addr, to->ai_addrlen) == 0 &&
		getsockname(fd, (struct sockaddr *)&own, &len) == 0)
		(void)getnameinfo((const struct sockaddr *)&own, len, f->address, sizeof f->address,
			NULL, 0, NI_NUMERICHOST);
	(void)close(fd);
}

static void collect_address(struct site_facts *f, const char *host, uint16_t port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found = NULL;
	char service[8];
	(void)snprintf(service, sizeof service, "%u", port);
	if (getaddrinfo(host, service, &hints, &found) != 0)
		return;
	source_address(f, found);
	freeaddrinfo(found);
}

/* ---- together ---- */

void site_set_agent(struct site_facts *f, const struct site_agent *site)
{
	int32_t minutes = site->utc_offset_s / 60, whole = minutes < 0 ? -minutes : minutes;
	(void)str_copy(f->time_zone, sizeof f->time_zone, site->time_zone);
	(void)str_copy(f->rules, sizeof f->rules, site->rules);
	(void)snprintf(f->utc_offset, sizeof f->utc_offset, "%c%02d:%02d", minutes < 0 ? '-' : '+',
		whole / 60 % 100, whole % 60);
	f->info.included = site->included;
	f->info.excluded = site->excluded;
	f->info.discovered = site->included + site->excluded;
}

void site_default_name(char dst[LIMIT_TEXT + 1], const uint8_t agent_id[AGENT_ID_BYTES])
{
	(void)str_copy(dst, LIMIT_TEXT + 1, "agent-");
	str_hex(dst + strlen(dst), agent_id, 4);
}

/* Random as the agent's id is, and as long-lived; nothing of the host is in it. */
static void collect_host_id(struct site_facts *f, const uint8_t agent_id[AGENT_ID_BYTES])
{
	uint8_t bytes[12 + AGENT_ID_BYTES] = "platen-host";
	uint8_t digest[DIGEST_BYTES];
	memcpy(bytes + 12, agent_id, AGENT_ID_BYTES);
	if (crypto_sha256(bytes, sizeof bytes, digest) == 0)
		memcpy(f->info.host_id, digest, AGENT_ID_BYTES);
}

void site_collect(struct site_facts *f, const char *dir, const char *hub_host, uint16_t hub_port,
	const uint8_t agent_id[AGENT_ID_BYTES], bool is_corporate)
{
	collect_system(f);
	collect_memory(f);
	collect_disk(f, dir);
	collect_host_id(f, agent_id);
	if (!is_corporate && f->dns_name[0] == '\0')
		collect_dns_name(f, hub_host != NULL);
	if (!is_corporate && hub_host != NULL)
		collect_address(f, hub_host, hub_port);
	if (f->name[0] == '\0')
		site_default_name(f->name, agent_id);
}

void site_link(struct site_facts *f)
{
	struct site_information *i = &f->info;
	i->dns_name = text_of(f->dns_name);
	i->address = text_of(f->address);
	i->os = text_of(f->os);
	i->cpu = text_of(f->cpu);
	i->time_zone = text_of(f->time_zone);
	i->utc_offset = text_of(f->utc_offset);
	i->name = text_of(f->name);
	i->rules = text_of(f->rules);
}

uint64_t site_digest(const struct site_facts *f, uint32_t policy_id)
{
	const struct site_information *i = &f->info;
	const uint32_t numbers[] = {policy_id, i->disk_mib, i->os_bits, i->memory_mib,
		i->discovered, i->included, i->excluded};
	const char *const texts[] = {f->dns_name, f->address, f->os, f->cpu, f->time_zone,
		f->utc_offset, f->name, f->rules};
	uint64_t h = hash_bytes(0, numbers, sizeof numbers);
	h = hash_bytes(
		h, i->host_id, sizeof i->host_id); /* another agent: the hub has nothing of it */
	for (size_t n = 0; n < sizeof texts / sizeof texts[0]; n++)
		h = hash_bytes(h, texts[n], strlen(texts[n]) + 1);
	return h;
}
