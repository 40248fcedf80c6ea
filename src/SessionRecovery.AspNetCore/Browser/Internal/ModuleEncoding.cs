namespace SessionRecovery.AspNetCore.Browser.Internal;

/// <summary>The content of a module file in one content encoding. Each encoding has an ETag of its own, as HTTP requires.</summary>
internal sealed record ModuleEncoding(string Name, string EntityTagSuffix, byte[] Content);
