namespace SessionRecovery.Files;

/// <summary>A file on its way in. The stream is read once, forwards, and never whole into memory.</summary>
/// <param name="FileName">What the user called it; only a hint for the store's own name. May be empty.</param>
/// <param name="ContentType">What the user says it is; checked against the allowed types and the first bytes.</param>
/// <param name="Content">The bytes; not disposed by the store.</param>
public sealed record FileUpload(string FileName, string ContentType, Stream Content);
