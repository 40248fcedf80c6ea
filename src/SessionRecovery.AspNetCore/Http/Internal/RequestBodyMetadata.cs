namespace SessionRecovery.AspNetCore.Http.Internal;

/// <summary>
/// Describes the body of a request for OpenAPI. The metadata type of ASP.NET Core is not used, because ASP.NET Core would reject other
/// content types with a response that has no problem code.
/// </summary>
/// <param name="Type">The type of the body, or of the form field.</param>
/// <param name="MediaType">The content type.</param>
/// <param name="FormField">The name of the form field, or <see langword="null"/> if the body is not a form.</param>
internal sealed record RequestBodyMetadata(Type Type, string MediaType, string? FormField = null);
