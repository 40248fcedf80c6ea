namespace SessionRecovery.AspNetCore.Credits.Internal;

/// <summary>Represents an attribute that makes an endpoint a paid endpoint, or an endpoint that takes effect once per key.</summary>
internal interface IPaidAttribute
{
    PaidEndpointMetadata Price { get; }
}
