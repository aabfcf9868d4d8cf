# A small mono printer in the shape of Pantum's: rows of supplies with an index of one number.
profile pantum
serial "CD4A#######"
host "Pantum-{mac}"
oui 742b62

rate print_mono 4.00
rate copy_mono 1.00
rate fax_mono 0.20
rate fax_sent 0.10
rate scan_email 0.60
rate scan_network 0.40

let mono = print_mono + copy_mono + fax_mono
let total = mono
let duplex = total%30
let sheets = total - duplex
let scans = scan_email + scan_network

supply black total capacity 100 yield 3000 low 10
supply drum total capacity 100 yield 12000 low 10
supply tray1 sheets capacity 250 yield 250 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "Pantum M7300FDW Series"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.40093.1.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "Pantum-{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "eth0" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.1.2.0 clock
1.3.6.1.2.1.25.2.2.0 integer 2097152
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "Pantum M7300FDW Series" | 1.3.6.1.4.1.40093.1.1 | pick 5 if jam door black.empty / 3 if black.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 1 2 if black.low / 3 if black.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.5.1 string "Planted Service, planted.service@example.invalid"
1.3.6.1.2.1.43.5.1.1.16.1 string "Pantum M7300FDW Series"
1.3.6.1.2.1.43.5.1.1.17.1 string "{serial}"
1.3.6.1.2.1.43.5.1.1.18.1 counter =jam.count
1.3.6.1.2.1.43.5.1.1.19.1 counter =door.count
table 1.3.6.1.2.1.43.6.1.1 2 string, 3 integer
1.1 | "Front Cover" | pick 3 if door / 4
end
table 1.3.6.1.2.1.43.7.1.1 2 string, 3 string, 4 integer
1.1 | "en" | "" | 106
end
table 1.3.6.1.2.1.43.8.2.1 2 integer, 3 integer, 4 integer, 5 integer, 8 integer, 9 integer, 10 integer, 11 integer, 12 string, 13 string, 18 string
1.1 | 3 | 4 | 297000 | 210000 | 8 | 250 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1 | 1 | 1 | 3 | 3 | "Black Toner Cartridge" | 19 | 100 | =black.left
2 | 1 | 0 | 3 | 9 | "Drum Unit" | 19 | 100 | =drum.left
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 1980 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
end
table 1.3.6.1.2.1.43.14.1.1 2 integer, 3 string, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 string
1.1 | 11 | "1.0" | 1 | 1 | 4 | 1 | 0 | "Port=9100"
1.2 | 8 | "RFC1179" | 1 | 1 | 4 | 1 | 0 | "QueueName=lp"
1.3 | 44 | "2.0" | 1 | 1 | 4 | 1 | 0 | "URI=/ipp/print"
end
table 1.3.6.1.2.1.43.15.1.1 2 integer, 3 string, 5 string, 6 string
1.1 | 47 | "2.1" | "PCL 6" | "3.0"
1.2 | 6 | "3" | "PostScript 3" | "3019.1"
1.3 | 54 | "1.7" | "PDF" | "1.7"
end
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper jam" if jam / "Front cover open" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | 0 | 1104 | "Toner low: Black" | 0
1.2 when tray1.empty | 5 | 3 | 8 | 1 | 0 | 808 | "Tray 1 empty" | 0
1.3 when jam | 3 | 3 | 13 | 1 | 0 | 8 | "Paper jam" | raised
1.4 when door | 3 | 3 | 6 | 1 | 0 | 3 | "Front cover open" | raised
1.10 when sleeping | 1 | 7 | 5 | -1 | -1 | 23 | "Sleep" | 0
end

root P 1.3.6.1.4.1.40093.1.1
$P.1.1 string "4.2.18"
$P.1.5 string "{serial}"
$P.3.1 integer =duplex
$P.3.3 integer =total
$P.3.9 integer =copy_mono
$P.3.12 integer =print_mono
$P.3.13.2 integer =black.left

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Pantum" | "M7300FDW Series" | "{serial}"
end
truth firmware name, version
"main" | "4.2.18"
end
truth meters name, unit, value, oid
marker_life | impressions | =total | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
sheets_duplex | sheets | =duplex | "1.3.6.1.4.1.40093.1.1.3.1"
copy_impressions_total | impressions | =copy_mono | "1.3.6.1.4.1.40093.1.1.3.9"
print_impressions_total | impressions | =print_mono | "1.3.6.1.4.1.40093.1.1.3.12"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value
"0.1" | toner | consumed | black | "Black Toner Cartridge" | "" | "" | percent | 100 | =black.left
"0.2" | opc | consumed | "" | "Drum Unit" | "" | "" | percent | 100 | =drum.left
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.1" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Toner low: Black"
when tray1.empty | "1.2" | warning | warning_binary_change_event | untrained | input | input_media_supply_empty | 808 | "" | "Tray 1 empty"
when jam | "1.3" | fault | critical | untrained | media_path | jam | 8 | "" | "Paper jam"
when door | "1.4" | fault | critical | untrained | cover | cover_open | 3 | "" | "Front cover open"
when sleeping | "1.10" | state | other | no_intervention_required | general_printer | subunit_power_saver | 23 | "" | "Sleep"
end
truth state printer, device, service_mode
pick "printing" if printing / "other" if jam door / "idle" | pick "down" if jam door black.empty / "warning" if black.low / "running" | 0
end
truth errors name
when black.low | low_toner
when black.empty | no_toner
when door | door_open
when jam | jammed
when tray1.low | low_paper
when tray1.empty | no_paper
end
truth trays index, name, description, level, max, unit, media
"1.1" | "Tray 1" | "Tray 1" | =tray1.left | 250 | sheets | "iso-a4-white"
"1.2" | "MP Tray" | "Multi purpose tray" | -3 | 100 | sheets | "iso-a4-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard Bin" | "Standard output bin" | -3 | 250 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 1980 | impressions_per_hour
end
truth rated_speed mono
33
end
truth options kind, name, value
interpreter | "PCL 6" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "2 GiB"
storage | "Hard Disk" | "150 GiB"
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
"0.2" | "Drum Unit" | opc | percent | 100 | =drum.left | - | - | ""
end
