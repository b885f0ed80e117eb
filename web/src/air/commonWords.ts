/** Common English words, those that are said most first. Written down for this keyboard. */
export const commonWords: readonly string[] = `
  the and to of a in is you that it for was on are with have this be at not but they we he she his her
  my your what can all will there one so if do would about get just like out up know from go think me
  time see as or good no how when who some people them then now look only come its over also back use
  two our work first well way even new want because any these give day most us make could than other
  been has had were said did their which into year take him very much here where right going really
  thing need more down should still why great before help home too off little long always again never
  every through last made same let another got around thank please sorry yes okay today tomorrow
  yesterday tonight morning evening night week month hello maybe something nothing everything anything
  someone everyone nobody often sometimes already almost enough together without between during after
  under until while though world life hand part place case school house room door window water food
  coffee music picture video camera computer phone number word letter message question answer problem
  idea change keep find tell ask seem feel try leave call show play move live believe hold bring
  happen write provide sit stand lose pay meet include continue set learn lead understand watch follow
  stop create speak read allow add spend grow open walk win offer remember love consider appear buy
  wait serve die send expect build stay fall cut reach kill remain suggest raise pass sell require
  report decide pull friend family mother father brother sister child children parent woman women man
  men girl boy baby person animal dog cat bird tree flower garden river mountain sea sun moon star
  rain snow wind weather summer winter spring autumn warm cold hot cool light dark big small large
  high low short old young early late fast slow quick easy hard simple difficult different important
  possible beautiful happy sad tired hungry ready sure certain true false real free full empty clean
  dirty quiet loud strong weak rich poor better best worse worst next each both few many several less
  least own such car train bus bike street road city town country travel visit ticket money price shop
  store market business company office meeting job team project plan paper book page story news game
  party dinner lunch breakfast bread milk tea apple kitchen table chair bed floor wall bathroom
  clothes shoes doctor hospital health body head face eye ear nose mouth arm leg foot heart mind sleep
  dream dance sing swim jump run turn start begin finish end close near far left inside outside behind
  above below black white red blue green yellow brown grey orange minute hour second half three four
  five six seven eight nine ten hundred thousand million monday tuesday wednesday thursday friday
  saturday sunday january february march april june july august september october november december
  language english reason result moment system program test example information keyboard typing finger
  gesture perhaps probably usually finally quickly easily exactly especially however therefore instead
  against across along since among within whether either neither himself herself myself yourself
  themselves ourselves itself
`
  .trim()
  .split(/\s+/);
