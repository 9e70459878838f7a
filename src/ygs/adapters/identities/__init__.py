"""Identity providers: Firebase and Kakao."""
