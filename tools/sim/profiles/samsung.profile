# A monochrome multifunction printer in the shape of Samsung's.
profile samsung
serial "ZDFABJFJ#######@"
host "SEC{mac}"
oui 30cda7

rate print_mono 6.00
rate copy_mono 1.50
rate fax_mono 0.20
rate fax_sent 0.15
rate scan_email 0.70
rate scan_network 0.30

let mono = print_mono + copy_mono + fax_mono
let total = mono
let duplex = total%30
let sheets = total - duplex
let images = scan_email + scan_network
let print_simplex = print_mono%70
let print_duplex = print_mono - print_simplex

supply black total capacity 100 yield 20000 low 10
supply drum total capacity 100 yield 100000 low 10
supply fuser total capacity 100 yield 100000 low 10
supply roller total capacity 100 yield 100000 low 10
supply tray1 sheets capacity 550 yield 550 low 10
event jam every 57
event door every 37

1.3.6.1.2.1.1.1.0 string "Samsung M458x Series; V4.00.02.20 JUN-14-2023;Engine V1.00.22;NIC V4.03.05;S/N {serial}"
1.3.6.1.2.1.1.2.0 oid 1.3.6.1.4.1.236.11.5.1
1.3.6.1.2.1.1.3.0 ticks uptime
1.3.6.1.2.1.1.4.0 string "Planted Contact, planted.contact@example.invalid"
1.3.6.1.2.1.1.5.0 string "SEC{mac}"
1.3.6.1.2.1.1.6.0 string "Planted location {n}"
1.3.6.1.2.1.1.7.0 integer 72
1.3.6.1.2.1.2.1.0 integer 1
table 1.3.6.1.2.1.2.2.1 1 integer, 2 string, 3 integer, 4 integer, 5 gauge, 6 string, 7 integer, 8 integer
1 | 1 | "Samsung Network Interface" | 6 | 1500 | 100000000 | "{macbytes}" | 1 | 1
end

1.3.6.1.2.1.25.1.1.0 ticks uptime
1.3.6.1.2.1.25.2.2.0 integer 1048576
table 1.3.6.1.2.1.25.2.3.1 1 integer, 2 oid, 3 string, 4 integer, 5 integer, 6 integer
1 | 1 | 1.3.6.1.2.1.25.2.1.2 | "RAM" | 1024 | 2097152 | 700000
2 | 2 | 1.3.6.1.2.1.25.2.1.4 | "Hard Disk" | 4096 | 39321600 | 1200000
end
table 1.3.6.1.2.1.25.3.2.1 1 integer, 2 oid, 3 string, 4 oid, 5 integer, 6 counter
1 | 1 | 1.3.6.1.2.1.25.3.1.5 | "Samsung M458x Series" | 1.3.6.1.4.1.236.11.5.1 | pick 5 if jam door black.empty / 3 if black.low / 2 | =jam.count
end
1.3.6.1.2.1.25.3.5.1.1.1 integer pick 4 if printing / 1 if jam door / 3
1.3.6.1.2.1.25.3.5.1.2.1 bits 1 2 if black.low / 3 if black.empty / 4 if door / 5 if jam / 0 if tray1.low / 1 if tray1.empty

1.3.6.1.2.1.43.5.1.1.1.1 counter 5
1.3.6.1.2.1.43.5.1.1.2.1 integer 1
1.3.6.1.2.1.43.5.1.1.4.1 string "Planted Operator"
1.3.6.1.2.1.43.5.1.1.16.1 string "Samsung M458x Series"
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
1.1 | 3 | 4 | 297000 | 210000 | 8 | 550 | =tray1.left | pick 9 if tray1.empty / 0 | "iso-a4-white" | "Tray 1" | "Tray 1"
1.2 | 4 | 4 | 297000 | 210000 | 8 | 100 | -3 | 0 | "iso-a4-white" | "MP Tray" | "Multi purpose tray"
end
table 1.3.6.1.2.1.43.9.2.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 string, 12 string
1.1 | 3 | 8 | 250 | -3 | 0 | "Standard Bin" | "Standard output bin"
end
table 1.3.6.1.2.1.43.10.2.1 2 integer, 3 integer, 4 counter, 5 counter, 15 integer
1.1 | 4 | 7 | =total | =since_boot | 0
end
table 1.3.6.1.2.1.43.11.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 string, 7 integer, 8 integer, 9 integer
1.1 | 1 | 1 | 3 | 21 | "Black Toner Cartridge S/N:CRUM-1{hA}" | 19 | 100 | =black.left
1.2 | 1 | 0 | 3 | 9 | "Imaging Unit S/N:CRUM-2{hB}" | 19 | 100 | =drum.left
1.3 | 1 | 0 | 3 | 15 | "Fuser" | 19 | 100 | =fuser.left
1.4 | 1 | 0 | 3 | 20 | "Transfer Roller" | 19 | 100 | =roller.left
end
table 1.3.6.1.2.1.43.12.1.1 2 integer, 3 integer, 4 string, 5 integer
1.1 | 1 | 3 | "black" | 256
end
table 1.3.6.1.2.1.43.13.4.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 integer, 9 integer, 10 string, 11 integer
1.1 | 7 | 4 | 2700 | 432000 | 305000 | 148000 | 98000 | 5 | "Simplex path" | 0
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
1.3.6.1.2.1.43.16.5.1.2.1.1 string pick "Paper Jam" if jam / "Cover Open" if door / "Printing" if printing / "Sleep" if sleeping / "Ready"
table 1.3.6.1.2.1.43.18.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 7 integer, 8 string, 9 ticks
1.1 when black.low | 5 | 3 | 11 | 1 | 0 | 1104 | "Black toner is low" | 0
1.2 when tray1.empty | 5 | 3 | 8 | 1 | 0 | 808 | "Tray 1 empty" | 0
1.3 when jam | 3 | 3 | 13 | 1 | 0 | 8 | "Paper jam" | raised
1.4 when door | 3 | 3 | 6 | 1 | 0 | 3 | "Front cover open" | raised
1.10 when sleeping | 1 | 7 | 5 | -1 | -1 | 23 | "Sleep" | 0
end

table 1.3.6.1.2.1.43.30.1.1 2 integer, 3 integer, 4 integer, 5 integer, 6 integer, 9 integer, 10 string
1.1 | 16 | 3 | 8 | 1000 | -3 | 0 | "Stacker"
1.2 | 3 | 3 | 18 | 5000 | -3 | 0 | "Stapler"
end

root S 1.3.6.1.4.1.236.11.5
$S.1.1.1.1.0 string "Samsung M458x Series"
$S.1.1.1.2.0 string "V4.00.02.20"
table $S.11.53.11.2.1 2 integer, 3 integer, 5 integer, 6 integer, 7 integer
1.1 | 1 | 5 | 1 | 3 | =print_simplex
1.2 | 1 | 5 | 2 | 3 | =print_duplex
1.3 | 2 | 5 | 1 | 3 | =copy_mono
1.4 | 3 | 5 | 1 | 3 | =fax_mono
1.5 | 5 | 1 | 1 | 3 | =images
end
table $S.11.53.61.5.2.1 6 string, 13 integer
1.1 | "Black Toner" | =black.left
end
$S.11.53.31.1.4.0 string "Samsung M458x Series"
$S.11.55.5.1.4.1 string "{serial}"
table $S.11.55.20.1 1 integer, 3 integer, 5 integer
1 | =drum.left | =roller.left | =fuser.left
end

# ---- never: a collector must not request these ----
never 1.3.6.1.2.1.1.4
never 1.3.6.1.2.1.1.6
never 1.3.6.1.2.1.43.5.1.1.4
never 1.3.6.1.2.1.43.5.1.1.5

# ---- truth ----
truth identity is_printer, vendor, model, serial
1 | "Samsung" | "M458x Series" | "{serial}"
end
truth firmware name, version
"firmware" | "V4.00.02.20"
"Engine" | "V1.00.22"
"NIC" | "V4.03.05"
end
truth meters name, unit, value, oid
marker_life | impressions | =total | "1.3.6.1.2.1.43.10.2.1.4.1.1"
power_on_impressions | impressions | =since_boot | "1.3.6.1.2.1.43.10.2.1.5.1.1"
impressions_total | impressions | =total | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.1 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.2 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.3 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.4"
impressions_mono | impressions | =total | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.1 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.2 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.3 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.4"
print_impressions_total | impressions | =print_mono | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.1 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.2"
print_impressions_mono | impressions | =print_mono | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.1 1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.2"
copy_impressions_total | impressions | =copy_mono | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.3"
copy_impressions_mono | impressions | =copy_mono | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.3"
fax_impressions_total | impressions | =fax_mono | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.4"
fax_impressions_mono | impressions | =fax_mono | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.4"
scan_images_total | - | =images | "1.3.6.1.4.1.236.11.5.11.53.11.2.1.7.1.5"
end
truth supplies index, type, class, colorant, description, part, serial, unit, max, value
"1.1" | toner_cartridge | consumed | black | "Black Toner Cartridge S/N:CRUM-1{hA}" | "" | "CRUM-1{hA}" | percent | 100 | =black.left
"1.2" | opc | consumed | "" | "Imaging Unit S/N:CRUM-2{hB}" | "" | "CRUM-2{hB}" | percent | 100 | =drum.left
"1.3" | fuser | consumed | "" | "Fuser" | "" | "" | percent | 100 | =fuser.left
"1.4" | transfer_unit | consumed | "" | "Transfer Roller" | "" | "" | percent | 100 | =roller.left
end
truth alerts index, kind, severity, training, group, code, code_number, location, description
when black.low | "1.1" | warning | warning_binary_change_event | untrained | marker_supplies | marker_toner_almost_empty | 1104 | "" | "Black toner is low"
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
"1.1" | "Tray 1" | "Tray 1" | =tray1.left | 550 | sheets | "iso-a4-white"
"1.2" | "MP Tray" | "Multi purpose tray" | -3 | 100 | sheets | "iso-a4-white"
end
truth bins index, name, description, level, max, unit
"1.1" | "Standard Bin" | "Standard output bin" | -3 | 250 | sheets
end
truth covers index, description, status
"1.1" | "Front Cover" | pick "open" if door / "closed"
end
truth media_paths index, type, description, max, unit
"1.1" | simplex | "Simplex path" | 2700 | impressions_per_hour
end
truth rated_speed mono
45
end
truth options kind, name, value
interpreter | "PCL 6" | "3.0"
interpreter | "PostScript 3" | "3019.1"
interpreter | "PDF" | "1.7"
channel | "Port 9100" | "1.0"
channel | "LPD" | "RFC1179"
channel | "IPP" | "2.0"
memory | Memory | "1 GiB"
storage | "Hard Disk" | "150 GiB"
finisher | "Stacker" | ""
finisher | "Stapler" | ""
end
truth maintenance index, name, type, unit, life, left, used, percent, installed
"1.2" | "Imaging Unit S/N:CRUM-2{hB}" | opc | percent | 100 | =drum.left | - | - | ""
"1.3" | "Fuser" | fuser | percent | 100 | =fuser.left | - | - | ""
"1.4" | "Transfer Roller" | transfer_unit | percent | 100 | =roller.left | - | - | ""
end
