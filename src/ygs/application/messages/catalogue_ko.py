"""Every sentence that an error can say, and below it the same in Korean, with ``{}`` filled in alike.

A test reads the sentences out of the source and fails when one is missing here.
"""

SENTENCES = """
# Who asks, and whether they may.
this account may not do that
  이 계정으로는 할 수 없는 일입니다.
this account is suspended: you may still take your data, and leave
  이용이 정지된 계정입니다. 내 정보를 내려받거나 탈퇴할 수는 있습니다.
enrol an authenticator first, or sign in again with it
  먼저 인증 앱을 등록하거나, 인증 앱으로 다시 로그인해 주세요.
only a signed-in user can do that
  로그인한 회원만 할 수 있습니다.
this is about you: somebody else must look at it
  본인에 관한 일은 다른 담당자가 처리해야 합니다.
this is about you, or somebody you were introduced to: somebody else must look at it
  본인이나 소개받은 사람에 관한 일은 다른 담당자가 처리해야 합니다.
an introduction to you still waits for answers: somebody else must look at it
  이 회원과의 소개가 아직 답변을 기다리고 있습니다. 다른 담당자가 처리해야 합니다.
somebody else must decide about you
  본인에 관한 결정은 다른 담당자가 해야 합니다.
another administrator must do that for you
  다른 관리자가 대신해야 합니다.
another administrator or the operator must do that for you
  다른 관리자나 운영자가 대신해야 합니다.
there is an administrator already: ask them to make another
  관리자가 이미 있습니다. 관리자에게 요청하세요.
staff cannot leave: ask an administrator to make you a member first
  직원은 탈퇴할 수 없습니다. 먼저 관리자에게 회원으로 바꿔 달라고 요청하세요.
only who wrote a note and administrators may change it: write another one
  메모는 쓴 사람과 관리자만 고칠 수 있습니다. 새 메모를 남겨 주세요.

# Signing in and up.
check what you entered, or set a new password
  입력한 내용을 확인하거나 비밀번호를 새로 정해 주세요.
sign in again
  다시 로그인해 주세요.
sign in, and send the access token: Authorization: Bearer ...
  로그인한 뒤 액세스 토큰을 Authorization: Bearer 헤더로 보내 주세요.
sign in again first: this needs a session of the last 15 minutes
  먼저 다시 로그인해 주세요. 로그인한 지 15분이 지나지 않아야 할 수 있는 일입니다.
start again
  처음부터 다시 시작해 주세요.
try again in {} seconds
  {}초 뒤에 다시 시도해 주세요.
nothing may be kept without consent to: {}
  다음에 동의해 주셔야 가입할 수 있습니다: {}
a live user has that phone: log in, or take another
  그 번호로 가입한 회원이 있습니다. 로그인하거나 다른 번호를 써 주세요.
a password needs a phone to sign in with: add yours first
  비밀번호로 로그인하려면 전화번호가 필요합니다. 먼저 번호를 등록해 주세요.
this is your phone already
  지금 쓰고 있는 번호입니다.
an authenticator is enrolled already: have it removed first
  인증 앱이 이미 등록되어 있습니다. 먼저 해제를 요청하세요.
enrol an authenticator first
  먼저 인증 앱을 등록해 주세요.
another {} account is linked already: unlink it first
  다른 {} 계정이 이미 연결되어 있습니다. 먼저 연결을 끊어 주세요.
that account signs in another user: sign in with it, and unlink it there
  다른 회원에 연결된 계정입니다. 그 계정으로 로그인해 연결을 끊어 주세요.
this is the only way to sign in: set a password or link another account first
  하나뿐인 로그인 방법입니다. 먼저 비밀번호를 정하거나 다른 계정을 연결해 주세요.
signing in with Firebase is not set up here: set YGS_FIREBASE_PROJECT
  이곳에서는 Firebase로 로그인하지 않습니다. 쓰려면 YGS_FIREBASE_PROJECT를 설정하세요.
signing in with Kakao is not set up here: set YGS_KAKAO_CLIENT_ID
  이곳에서는 카카오로 로그인하지 않습니다. 쓰려면 YGS_KAKAO_CLIENT_ID를 설정하세요.
{} did not answer: try again{}
  {}에서 응답이 없습니다. 다시 시도해 주세요{}.
{} does not answer at the moment: try again shortly{}
  지금 {}에서 응답이 없습니다. 잠시 뒤 다시 시도해 주세요{}.
too many people are signing in: try again in a moment
  로그인하는 사람이 많습니다. 잠시 뒤 다시 시도해 주세요.
too many people are signing in by Firebase: try again in a moment
  로그인하는 사람이 많습니다. 잠시 뒤 다시 시도해 주세요.
use at least {} characters; a few words with spaces are fine
  {}자 이상으로 정해 주세요. 띄어 쓴 단어 몇 개면 됩니다.
use at least {} different characters
  서로 다른 글자를 {}자 이상 써 주세요.
is one short piece over and over; use a few unrelated words
  같은 말이 되풀이됩니다. 서로 관계없는 단어 몇 개를 써 주세요.
is little more than common words, your name or your phone; use other words
  흔한 단어나 이름, 전화번호로는 쉽게 짐작됩니다. 다른 단어를 써 주세요.
members must be of age ({} full years)
  만 {}세 이상만 가입할 수 있습니다.

# Facts, wishes and texts; the name of the field stands before these.
is no phone number; write it like 010-1234-5678
  전화번호가 아닙니다. 010-1234-5678처럼 적어 주세요.
is no phone number that exists; write it like 010-1234-5678
  없는 번호입니다. 010-1234-5678처럼 적어 주세요.
must be written like +821012345678
  +821012345678처럼 적어야 합니다.
is no e-mail address; write it like name@example.com
  이메일 주소가 아닙니다. name@example.com처럼 적어 주세요.
give either a phone or an e-mail address
  전화번호와 이메일 중 하나만 적어 주세요.
must not be empty
  비워 둘 수 없습니다.
longer than {} characters
  {}자까지 쓸 수 있습니다.
holds a character that cannot be stored
  저장할 수 없는 글자가 있습니다.
holds a resident registration number; remove it
  주민등록번호는 적을 수 없습니다. 지워 주세요.
must be {}..{}
  {}부터 {}까지입니다.
must be 1..{}
  1부터 {}까지입니다.
must be 1..5
  1부터 5까지입니다.
must be one gender, and at least one must be sought
  성별은 하나, 만나고 싶은 성별은 하나 이상이어야 합니다.
must be a day to come
  오늘보다 뒤여야 합니다.
must be 8 to 128 visible ASCII characters, such as a UUID
  UUID처럼 ASCII 8~128자여야 합니다.
is a list of values
  값의 목록으로 적어 주세요.
is a single value
  값 하나만 적어 주세요.
is not part of the {}
  {} 항목이 아닙니다.
is out of range
  범위를 벗어났습니다.
a code must be 0..{}
  범위를 벗어났습니다(0~{}).
cannot be edited
  고칠 수 없는 항목입니다.
names a fact that is not known
  알려 주지 않은 항목이 들어 있습니다.
each must stand under its own purpose
  목적마다 하나씩이어야 합니다.
each must stand under its own attribute
  항목마다 하나씩이어야 합니다.
is needed to take part and can be changed, but not taken back
  소개를 받으려면 꼭 필요합니다. 바꿀 수는 있지만 지울 수는 없습니다.
sensitive facts need the consent for sensitive data first
  민감정보를 적으려면 먼저 민감정보 처리에 동의해 주세요.
give the accepted values as any_of
  받아들일 값을 any_of로 적어 주세요.
give the first and the last accepted value as low and high
  받아들일 처음과 끝 값을 low와 high로 적어 주세요.
is ordered: give its first and last accepted value
  처음과 끝 값을 적어 주세요.
needs a range whose first value is not after its last
  처음 값이 끝 값보다 클 수 없습니다.
needs at least one accepted value
  받아들일 값을 하나 이상 골라 주세요.
goes with a decline, and only with a decline
  거절할 때, 그리고 거절할 때만 적어 주세요.
goes with a meeting that took place, as 'again' does, and only with one
  만났을 때, 그리고 만났을 때만 '다시 만나고 싶은지'와 함께 적어 주세요.
of a file of kind {} may be {}
  {} 파일은 다음 형식만 됩니다: {}

# Members and what staff decide about them.
somebody changed this meanwhile: read it again and repeat the edit
  그 사이에 내용이 바뀌었습니다. 다시 읽고 고쳐 주세요.
not complete yet, missing: {}
  아직 채우지 않은 항목이 있습니다: {}
a user who is {} cannot become {}
  '{}' 상태에서는 '{}' 상태로 바꿀 수 없습니다.
this user has left; nothing can be edited
  탈퇴한 회원입니다. 고칠 수 없습니다.
an account cannot be without the consent for {}; to end it, delete the account
  {} 동의 없이는 계정을 둘 수 없습니다. 그만두려면 탈퇴해 주세요.
at most {} contacts can be kept apart: ask us about more
  연락처는 {}개까지 차단할 수 있습니다. 더 필요하면 문의해 주세요.
your earlier report of this person is still open: wait for our answer
  앞서 하신 신고를 살펴보고 있습니다. 답변을 기다려 주세요.
somebody has decided on this report already: read it again
  이미 처리된 신고입니다. 다시 읽어 주세요.
this member is not suspended: suspend them first, then resolve the report
  이용 정지된 회원이 아닙니다. 먼저 정지한 뒤 신고를 처리하세요.

# Files.
an album holds at most {} photos: delete one first
  사진은 {}장까지 올릴 수 있습니다. 먼저 한 장을 지워 주세요.
{} documents wait to be looked at already: wait for what becomes of them
  검토를 기다리는 서류가 {}건 있습니다. 결과가 나온 뒤에 올려 주세요.
nothing has been sent yet: send the file to the upload's url first
  아직 파일이 오지 않았습니다. 먼저 업로드 주소로 파일을 보내 주세요.
this upload is too old: begin a new one
  시간이 지난 업로드입니다. 새로 시작해 주세요.
this photo is {} already
  이미 처리된 사진입니다({}).
this document is {} already
  이미 처리된 서류입니다({}).
this document has expired: refuse it, and ask for a newer one
  기한이 지난 서류입니다. 거절하고 새 서류를 요청하세요.
the profile says nothing that it could prove: {}
  이 서류로 확인할 항목이 프로필에 없습니다: {}
the file is not what it was announced as: send a JPEG or PNG under its own type
  알려 주신 형식과 다른 파일입니다. JPEG나 PNG를 제 형식으로 보내 주세요.
the file is not what it was announced as: send a PDF, or begin an upload of another type
  PDF 파일이 아닙니다. PDF를 보내거나 다른 형식으로 새로 시작해 주세요.
this PDF is cut off, or has something else after it: save it anew
  PDF가 잘렸거나 다른 것이 붙어 있습니다. 새로 저장해 주세요.
this picture is damaged or incomplete: save it anew as JPEG or PNG
  손상된 사진입니다. JPEG나 PNG로 새로 저장해 주세요.
this picture is damaged: save it anew as JPEG or PNG
  손상된 사진입니다. JPEG나 PNG로 새로 저장해 주세요.
this file is a picture and something else at once: save it anew as JPEG or PNG
  사진에 다른 것이 섞여 있습니다. JPEG나 PNG로 새로 저장해 주세요.
this picture takes too long to draw: save it anew as JPEG
  여는 데 너무 오래 걸리는 사진입니다. JPEG로 새로 저장해 주세요.
this picture has more than {} million pixels: make it smaller
  사진이 너무 큽니다. {}백만 화소 이하로 줄여 주세요.
HEIC pictures cannot be read here: send a JPEG (iPhone: Settings, Camera, Formats, Most Compatible)
  HEIC 사진은 읽을 수 없습니다. JPEG로 보내 주세요(아이폰: 설정 > 카메라 > 포맷 > 높은 호환성).
moving pictures are not taken: send a still one
  움직이는 사진은 올릴 수 없습니다.
this file is larger than agreed: begin a new upload
  정한 크기보다 큰 파일입니다. 새로 시작해 주세요.
this upload was begun for {}: send that type, or begin another
  {} 형식으로 시작한 업로드입니다. 그 형식으로 보내거나 새로 시작해 주세요.
send 1 to {} bytes
  1~{}바이트여야 합니다.
send multipart/form-data: the fields of the upload in their order, and then `file`
  multipart/form-data로, 받은 fields를 순서대로 넣고 마지막에 file을 넣어 보내 주세요.

# Introductions.
this introduction is decided; the answer can no longer change
  이미 결정된 소개라서 답을 바꿀 수 없습니다.
the time to answer is over
  답할 수 있는 기간이 지났습니다.
answers are open until the deadline
  답변 마감 전입니다.
this introduction is decided and cannot be cancelled
  이미 결정된 소개라서 취소할 수 없습니다.
only people who both accepted can tell how it went
  서로 수락한 소개에만 후기를 남길 수 있습니다.
this side has told already how it went
  이미 후기를 남기셨습니다.

# Match weeks.
not a week; write it like 2026-W48
  주 표기가 아닙니다. 2026-W48처럼 적어 주세요.
not a week of the ISO calendar; write it like 2026-W48
  달력에 없는 주입니다. 2026-W48처럼 적어 주세요.
not a week to hold a round in: {}-W01 is the first
  매칭할 수 없는 주입니다. {}-W01부터 됩니다.
that ISO week has a match week: cancel it first, or use it
  그 주의 매칭이 이미 있습니다. 그것을 쓰거나 먼저 취소하세요.
week {} is {}; for this it must be {}
  {} 주의 상태는 '{}'입니다. 다음 상태여야 합니다: {}
the answer deadline of this week has passed; nobody could answer: discard or cancel it
  이 주의 답변 마감이 지나 아무도 답할 수 없습니다. 되돌리거나 취소하세요.
answers are open until the deadline; close the week after it
  아직 답변을 받고 있습니다. 마감이 지난 뒤에 닫으세요.
another worker is busy with this week; try again in a minute
  다른 작업자가 이 주를 처리하고 있습니다. 1분 뒤 다시 시도하세요.
this worker's lease on the week is over; nothing was written, run it again
  작업 시간이 지나 아무것도 저장되지 않았습니다. 다시 실행하세요.
fewer than two members are active: import or approve members first
  활동 중인 회원이 두 명이 되지 않습니다. 먼저 회원을 승인하거나 가져오세요.
the plan broke an invariant and the week has failed: {}
  매칭 결과가 규칙에 어긋나 이 주를 중단했습니다: {}
no longer eligible: {}. Leave them out, plan again, then publish
  더는 소개할 수 없는 회원입니다: {}. 제외하고 다시 매칭한 뒤 공개하세요.
nobody waits for this plan any more
  이 매칭을 기다리는 사람이 더는 없습니다.
only optimal plans have a price: plan the round with the optimal strategy first
  최적 방식으로 만든 매칭에만 값이 있습니다. 먼저 최적 방식으로 매칭하세요.
the stable strategy needs a market of two sides, and here a pair's candidates are each other's too: use \
the optimal or the greedy strategy
  안정 방식은 두 편으로 나뉜 경우에만 쓸 수 있습니다. 최적이나 탐욕 방식을 쓰세요.
a person cannot be paired with themselves
  한 사람을 자기 자신과 소개할 수 없습니다.
a pair is both pinned and forbidden: take one of the two back
  고정과 금지에 함께 든 쌍이 있습니다. 하나를 빼세요.
a pinned person is also left out: take one of the two back
  고정한 사람이 제외에도 들어 있습니다. 하나를 빼세요.
an override names {}, who is not in this round: take it back, or enrol them
  이번 매칭에 없는 회원({})을 지정했습니다. 지정을 빼거나 회원을 참여시키세요.
{} and {} cannot be pinned ({}): take the pin back
  {}, {}: 고정할 수 없는 쌍입니다({}). 고정을 빼세요.
{} is pinned more often than their capacity: take a pin back
  {} 회원의 고정이 소개 횟수보다 많습니다. 하나를 빼세요.
a person would be in too many introductions this week: plan it again
  한 사람의 소개가 너무 많아집니다. 다시 매칭하세요.
{} would be in more than {} introductions this week: plan it again
  {} 회원의 이번 주 소개가 {}회를 넘습니다. 다시 매칭하세요.
two of these people were introduced before: plan the week again
  이미 소개된 두 사람이 있습니다. 다시 매칭하세요.

# Repeating, colliding, and what does not answer.
that Idempotency-Key was used for another request: use a new one
  다른 요청에 쓴 Idempotency-Key입니다. 새 키를 써 주세요.
the first request with that Idempotency-Key is still running: ask again in a moment
  같은 Idempotency-Key의 첫 요청을 처리하고 있습니다. 잠시 뒤 다시 시도해 주세요.
the first request with that Idempotency-Key is still running: ask again shortly
  같은 Idempotency-Key의 첫 요청을 처리하고 있습니다. 잠시 뒤 다시 시도해 주세요.
this changed since it was read: read it again and repeat the edit
  그 사이에 내용이 바뀌었습니다. 다시 읽고 고쳐 주세요.
this account changed since it was read: read it again and repeat the edit
  그 사이에 계정이 바뀌었습니다. 다시 읽고 고쳐 주세요.
this introduction changed since it was read: read it again and repeat the edit
  그 사이에 소개가 바뀌었습니다. 다시 읽고 고쳐 주세요.
this note changed since it was read: read it again and repeat the edit
  그 사이에 메모가 바뀌었습니다. 다시 읽고 고쳐 주세요.
this user changed since it was read: read it again and repeat the edit
  그 사이에 회원 정보가 바뀌었습니다. 다시 읽고 고쳐 주세요.
this week changed since it was read: read it again and repeat the edit
  그 사이에 이 주가 바뀌었습니다. 다시 읽고 고쳐 주세요.
the stored data forbids this ({}): read it again and repeat the edit
  저장된 내용과 어긋납니다({}). 다시 읽고 고쳐 주세요.
other changes are still being written; try again in a moment
  다른 변경을 저장하고 있습니다. 잠시 뒤 다시 시도해 주세요.
the database did not answer in time; try again in a moment, or look for a long import or backup that holds it
  데이터베이스 응답이 늦습니다. 잠시 뒤 다시 시도해 주세요.
the database cannot be reached; look whether it runs and whether its URL is right, then try again
  데이터베이스에 연결할 수 없습니다. 잠시 뒤 다시 시도해 주세요.
the database does not answer
  데이터베이스에서 응답이 없습니다.
too many texts are waiting to be sent: try again in a moment
  보낼 문자가 밀려 있습니다. 잠시 뒤 다시 시도해 주세요.
too many pictures are being looked at: try again in a moment
  처리 중인 사진이 많습니다. 잠시 뒤 다시 시도해 주세요.
too many files are on their way: try again in a moment
  오가는 파일이 많습니다. 잠시 뒤 다시 시도해 주세요.
some files could not be removed: they are tried again later
  지우지 못한 파일이 있습니다. 나중에 다시 지웁니다.
addresses of files cannot be signed: look at the store's keys
  파일 주소에 서명할 수 없습니다. 저장소의 키를 확인하세요.
the store of files refused ({}): look at its buckets and keys
  파일 저장소가 거절했습니다({}). 버킷과 키를 확인하세요.
the folder of files does not answer: look at its disk and permissions
  파일 폴더를 쓸 수 없습니다. 디스크와 권한을 확인하세요.
pictures cannot be taken here: pip install 'ygs[images]'
  이곳에서는 사진을 받을 수 없습니다: pip install 'ygs[images]'
no {}
  없습니다: {}
"""
